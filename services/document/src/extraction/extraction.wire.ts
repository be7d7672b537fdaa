import type { Block, ContentLimits, FileType } from './extracted.ts';
import type { ExtractionCode } from './extraction.error.ts';
import type { TextSearchConfig } from './language.ts';

/** What the child is told, as JSON in its first argument; the file itself comes by standard input. */
export interface ExtractionOrder {
  type: FileType;
  limits: ContentLimits;
  /** The child ends itself then, for the case that its parent is gone. */
  lifetimeMs: number;
}

/** What the child answers on standard output, one JSON value a line. Blocks of one page can come in several lines. */
export type ExtractionAnswer =
  | { kind: 'ready' }
  | { kind: 'progress'; done: number; total: number }
  | { kind: 'blocks'; page: number | null; blocks: Block[] }
  | { kind: 'done'; pageCount: number | null; title: string | null; language: TextSearchConfig }
  | { kind: 'failed'; code: ExtractionCode; reason: string };
