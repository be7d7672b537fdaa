import type { TextSearchConfig } from './language.ts';

/** The kinds of file that can be read. Told apart by content; the name only decides between Markdown and plain text. */
export type FileType = 'pdf' | 'docx' | 'markdown' | 'text';

/**
 * A paragraph, list or table. A block that carries `heading` begins a section: `level` is 1 (outermost) to 6 and
 * `text` is the section's first paragraph, or empty when another heading follows at once.
 */
export interface Block {
  heading?: string;
  level?: number;
  text: string;
}

/** One page, counted from 1; `number` is null for formats without pages (DOCX, Markdown, text). */
export interface Page {
  number: number | null;
  blocks: Block[];
}

/** What every format becomes. `pageCount` is null where pages do not exist. */
export interface ExtractedDocument {
  pages: Page[];
  pageCount: number | null;
  title: string | null;
  language: TextSearchConfig;
}

/** What a reader knows only once it has gone through the file. */
interface ExtractionSummary {
  pageCount: number | null;
  title: string | null;
}

/** Bounds on what may come out of a file, whatever its size on disk. */
export interface ContentLimits {
  /** Pages of a PDF. */
  maxPages: number;
  /** UTF-8 bytes of text, all pages together. */
  maxTextBytes: number;
  /** Uncompressed bytes of one part of a DOCX. */
  maxPartBytes: number;
  /** Uncompressed bytes of all parts of a DOCX, as declared and as found. */
  maxExpandedBytes: number;
  /** Parts in a DOCX. */
  maxParts: number;
}

/** One file's text, page by page, and a summary at the end. */
export type PageStream = AsyncGenerator<Page, ExtractionSummary>;

export interface PageProgress {
  done: number;
  total: number;
}
