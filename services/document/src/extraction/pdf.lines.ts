import { createBlockBuilder } from './block.builder.ts';
import type { Block } from './extracted.ts';

/** A run of text as pdf.js places it; `y` grows upwards, all lengths in PDF points. */
export interface TextRun {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
  endsLine: boolean;
}

export interface Line {
  text: string;
  y: number;
  height: number;
}

/** Joins the runs of one page into lines; a gap wider than a third of the letter height is a space. */
export const runsToLines = (runs: TextRun[]): Line[] => {
  const lines: Line[] = [];
  let line: (Line & { end: number }) | null = null;
  const flush = () => {
    const text = line?.text.replace(/\s+/g, ' ').trim();
    if (line && text) lines.push({ text, y: line.y, height: line.height });
    line = null;
  };
  for (const run of runs) {
    if (run.text !== '') {
      const open: (Line & { end: number }) | null = line;
      if (open === null) line = { text: run.text, y: run.y, height: run.height, end: run.x + run.width };
      else {
        open.text += run.x - open.end > Math.max(open.height, run.height) / 3 ? ` ${run.text}` : run.text;
        // Spaces have no height of their own, and a raised footnote mark is smaller than its line.
        if (run.height > open.height) Object.assign(open, { height: run.height, y: run.y });
        open.end = run.x + run.width;
      }
    }
    if (run.endsLine) flush();
  }
  flush();
  return lines;
};

/** The letter height most of the text is set in, which headings stand out from. */
export const bodyHeight = (lines: Iterable<Line>): number => {
  const characters = new Map<number, number>();
  for (const { height, text } of lines) {
    const key = Math.round(height * 2) / 2;
    characters.set(key, (characters.get(key) ?? 0) + text.length);
  }
  return [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
};

const MAX_HEADING_CHARACTERS = 200;

const headingLevel = ({ text, height }: Line, body: number): number | null => {
  const ratio = body > 0 ? height / body : 1;
  if (ratio < 1.15 || text.length > MAX_HEADING_CHARACTERS || !/\p{L}/u.test(text)) return null;
  if (ratio >= 1.6) return 1;
  return ratio >= 1.3 ? 2 : 3;
};

// "tornou-" + "se" keeps its hyphen; "docu-" + "mento" loses it.
const ENCLITIC = /^(?:se|me|te|nos|vos|l?[oa]s?|n[oa]s?|lhes?)(?!\p{L})/u;
const LIST_ITEM = /^(?:[•▪◦‣·*–—-]\s|\(?(?:\d{1,3}|[a-z])[.)]\s)/u;

const join = (text: string, next: string): string => {
  if (LIST_ITEM.test(next)) return `${text}\n${next}`;
  if (!/\p{Ll}-$/u.test(text) || !/^\p{Ll}/u.test(next)) return `${text} ${next}`;
  return ENCLITIC.test(next) ? `${text}${next}` : `${text.slice(0, -1)}${next}`;
};

/** Groups the lines of one page into headings and paragraphs by letter height and line distance. */
export const linesToBlocks = (lines: Line[], body: number): Block[] => {
  const builder = createBlockBuilder();
  let text = '';
  let level: number | null = null;
  let previous: Line | null = null;
  const flush = () => {
    if (level === null) builder.paragraph(text);
    else builder.heading(text, level);
    text = '';
  };
  for (const line of lines) {
    const lineLevel = headingLevel(line, body);
    const drop: number = previous === null ? 0 : previous.y - line.y;
    const apart = previous !== null && (drop < -line.height || drop > Math.max(line.height, previous.height) * 1.7);
    if (previous !== null && (lineLevel !== level || apart)) flush();
    level = lineLevel;
    text = text === '' ? line.text : join(text, line.text);
    previous = line;
  }
  flush();
  return builder.blocks;
};
