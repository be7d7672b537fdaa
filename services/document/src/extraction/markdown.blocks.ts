import { createBlockBuilder } from './block.builder.ts';
import type { Block } from './extracted.ts';

const ATX_HEADING = /^ {0,3}(#{1,6})(?:[ \t](.*))?$/;
const ATX_CLOSING = /(?:^|[ \t])#+$/;
const SETEXT_UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const NOT_A_PARAGRAPH = /^ {0,3}(?:[-*+>|]|\d+[.)]|#)/;

/** Reads `title:` from YAML front matter and returns the lines after it. */
const frontMatter = (lines: string[]): { title: string | null; body: string[] } => {
  const end =
    lines[0]?.trim() === '---' ? lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)\s*$/.test(line)) : -1;
  if (end < 1 || !lines.slice(1, end).every((line) => /^(?:[\w-]+:|\s|#|-|$)/.test(line)))
    return { title: null, body: lines };
  const title = lines.slice(1, end).find((line) => line.startsWith('title:'));
  const value = title
    ?.slice('title:'.length)
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
  return { title: value === undefined || value === '' ? null : value, body: lines.slice(end + 1) };
};

/**
 * Splits Markdown at headings and blank lines; a fenced block stays whole and its `#` lines are no headings
 * (CommonMark 0.31). Inline marks are kept: they are part of what the author wrote.
 */
export const markdownBlocks = (text: string): { title: string | null; blocks: Block[] } => {
  const { title, body } = frontMatter(text.replace(/\r\n?/g, '\n').split('\n'));
  const builder = createBlockBuilder();
  let paragraph: string[] = [];
  let fence: string | null = null;
  const flush = () => {
    builder.paragraph(paragraph.join('\n'));
    paragraph = [];
  };
  for (const line of body) {
    const marker = FENCE.exec(line)?.[1];
    if (fence !== null) {
      paragraph.push(line);
      if (marker?.startsWith(fence) && line.trim() === marker) {
        fence = null;
        flush();
      }
      continue;
    }
    if (marker !== undefined) {
      flush();
      fence = marker;
      paragraph.push(line);
      continue;
    }
    const atx = ATX_HEADING.exec(line);
    const setext = SETEXT_UNDERLINE.exec(line);
    const [only] = paragraph;
    if (atx) {
      flush();
      builder.heading((atx[2] ?? '').trim().replace(ATX_CLOSING, ''), atx[1]?.length ?? 1);
    } else if (setext && paragraph.length === 1 && only !== undefined && !NOT_A_PARAGRAPH.test(only)) {
      builder.heading(only, setext[1]?.startsWith('=') ? 1 : 2);
      paragraph = [];
    } else if (line.trim() === '') flush();
    else paragraph.push(line);
  }
  flush();
  return { title: title ?? builder.blocks.find((block) => block.level === 1)?.heading ?? null, blocks: builder.blocks };
};
