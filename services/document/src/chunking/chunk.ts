import type { Page } from '../extraction/extracted.ts';
import { cutText, splitSentences } from './sentences.ts';
import { estimateTokens } from './tokens.ts';

/** A passage small enough to embed and to quote. */
export interface Chunk {
  /** Counted from 0 within the version. */
  ordinal: number;
  /** Page the text begins on; null for formats without pages. */
  page: number | null;
  /** Page the text ends on: another one only when a heading stands at the foot of a page. */
  endPage: number | null;
  /** Headings in force, outermost first, joined with ` › `. Headings that fall inside the chunk are also in its text. */
  heading: string | null;
  text: string;
  /** Characters at the start of `text` repeated from the chunk before. */
  overlap: number;
  tokenEstimate: number;
}

/** All in estimated tokens. */
export interface ChunkOptions {
  /** A chunk is closed before the sentence that would pass this. */
  target: number;
  /** No chunk is larger; longer sentences are cut. */
  max: number;
  /** At most this much of a chunk's end is repeated at the start of the next. */
  overlap: number;
  /** A section smaller than this shares a chunk with the one after it. */
  tiny: number;
}

export const DEFAULT_CHUNKING: ChunkOptions = { target: 350, max: 400, overlap: 40, tiny: 60 };

interface Piece {
  text: string;
  separator: string;
  page: number | null;
  heading: string | null;
  isHeading: boolean;
  tokens: number;
}

/** Sections of these levels and above keep to their own chunks. */
const SECTION_LEVEL = 2;
/** Headings of a path beyond this length say less than the text they would displace. */
const MAX_PATH_CHARACTERS = 300;

const piecesOf = function* (
  text: string,
  separator: string,
  piece: Omit<Piece, 'text' | 'separator' | 'tokens'>,
  max: number,
): Generator<Piece> {
  // Even when every character is a token of its own, a piece and its separator stay within the limit.
  const fits = (cut: string) => estimateTokens(cut) <= max - 1;
  const roomy = Math.max(1, Math.floor((max - 1) * 3.5) - 2);
  const strict = Math.max(1, max - 1);
  let before = separator;
  for (const rough of cutText(text, roomy)) {
    for (const cut of fits(rough) ? [rough] : cutText(rough, strict)) {
      yield { ...piece, text: cut, separator: before, tokens: estimateTokens(cut) + 1 };
      before = ' ';
    }
  }
};

/** The document as sentences, each with its page and the headings above it. */
const toPieces = function* (pages: Iterable<Page>, max: number): Generator<Piece | { section: true }> {
  const path: { level: number; text: string }[] = [];
  let heading: string | null = null;
  for (const { number: page, blocks } of pages) {
    for (const block of blocks) {
      if (block.heading !== undefined) {
        const level = block.level ?? 1;
        while ((path.at(-1)?.level ?? 0) >= level) path.pop();
        path.push({ level, text: block.heading });
        heading = path
          .map(({ text }) => text)
          .join(' › ')
          .slice(0, MAX_PATH_CHARACTERS);
        if (level <= SECTION_LEVEL) yield { section: true };
        yield* piecesOf(block.heading, '\n\n', { page, heading, isHeading: true }, max);
      }
      let first = true;
      for (const { text, separator } of splitSentences(block.text)) {
        yield* piecesOf(text, first ? '\n\n' : separator, { page, heading, isHeading: false }, max);
        first = false;
      }
    }
  }
};

const tokensOf = (pieces: Piece[]) => pieces.reduce((sum, { tokens }) => sum + tokens, 0);
const joinPieces = (pieces: Piece[]) =>
  pieces.map(({ text, separator }, at) => (at === 0 ? text : separator + text)).join('');

/** The longest run of whole sentences at the end that is worth repeating. */
const tailOf = (pieces: Piece[], overlap: number): Piece[] => {
  let from = pieces.length;
  let tokens = 0;
  while (from > 1) {
    const piece = pieces[from - 1];
    if (piece === undefined || piece.isHeading || tokens + piece.tokens > overlap) break;
    tokens += piece.tokens;
    from -= 1;
  }
  return pieces.slice(from);
};

/**
 * Cuts a document into chunks, in reading order, without losing a word: whole sentences up to the target size, a new
 * chunk on each page and at each heading of level 1 or 2 unless the one before is tiny, a heading always with the text
 * under it, and a small overlap where a section is longer than one chunk. A generator, so that a caller can pause
 * between chunks of a long document.
 */
export const chunkPages = function* (pages: Iterable<Page>, options: Partial<ChunkOptions> = {}): Generator<Chunk> {
  const { target, max, overlap, tiny } = { ...DEFAULT_CHUNKING, ...options };
  let ordinal = 0;
  let repeated: Piece[] = [];
  let fresh: Piece[] = [];

  const close = (): Chunk => {
    const pieces = [...repeated, ...fresh];
    const text = joinPieces(pieces);
    const named = fresh.find(({ isHeading }) => !isHeading) ?? fresh.at(-1);
    return {
      ordinal: ordinal++,
      page: pieces[0]?.page ?? null,
      endPage: pieces.at(-1)?.page ?? null,
      heading: named?.heading ?? null,
      text,
      overlap: repeated.length === 0 ? 0 : joinPieces(repeated).length + (fresh[0]?.separator.length ?? 0),
      tokenEstimate: estimateTokens(text),
    };
  };

  for (const piece of toPieces(pages, max)) {
    if ('section' in piece) {
      if (fresh.length === 0 || tokensOf(fresh) < tiny) continue;
      yield close();
      [repeated, fresh] = [[], []];
      continue;
    }
    // A new page begins a new chunk, so that a passage is always cited with the page it is on.
    if (fresh.some(({ isHeading }) => !isHeading) && fresh.at(-1)?.page !== piece.page) {
      yield close();
      [repeated, fresh] = [[], []];
    }
    if (tokensOf(repeated) + tokensOf(fresh) + piece.tokens > target && fresh.length > 0) {
      const lastText = fresh.findLastIndex(({ isHeading }) => !isHeading);
      const carried = fresh.slice(lastText + 1);
      if (lastText >= 0 && carried.length > 0 && tokensOf(carried) + piece.tokens <= max) {
        fresh = fresh.slice(0, lastText + 1);
        yield close();
        [repeated, fresh] = [[], carried];
      } else if (lastText >= 0 || tokensOf(repeated) + tokensOf(fresh) + piece.tokens > max) {
        yield close();
        const tail = piece.isHeading ? [] : tailOf([...repeated, ...fresh], overlap);
        [repeated, fresh] = [tokensOf(tail) + piece.tokens > max ? [] : tail, []];
      }
    }
    fresh.push(piece);
  }
  if (fresh.length > 0) yield close();
};
