import { createBlockBuilder } from './block.builder.ts';
import type { Block } from './extracted.ts';

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&nbsp;': ' ' };

const decodeEntities = (text: string) =>
  text.replace(/&(?:amp|lt|gt|quot|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);

/**
 * Reads the HTML that mammoth writes: well formed, attributes quoted, `<` and `>` escaped everywhere else. Lists and
 * tables become one block each, an item or row a line, cells parted by ` | `. Not a parser for HTML from elsewhere.
 */
export const htmlBlocks = (html: string): Block[] => {
  const builder = createBlockBuilder();
  let inline = '';
  let lines: string[] = [];
  const cells: string[] = [];
  let listDepth = 0;
  let tableDepth = 0;

  const take = () => {
    const text = inline.replace(/[^\S\n]+/g, ' ').trim();
    inline = '';
    return text;
  };
  const item = () => {
    const text = take();
    if (text !== '') lines.push(`${'  '.repeat(Math.max(listDepth - 1, 0))}- ${text}`);
  };
  const group = () => {
    builder.paragraph(lines.join('\n'));
    lines = [];
  };

  const open = (tag: string) => {
    if (tableDepth > 0 && tag !== 'table') return;
    if (tag === 'ul' || tag === 'ol') {
      item();
      listDepth += 1;
    } else if (tag === 'table') tableDepth += 1;
  };
  const close = (tag: string) => {
    if (tag === 'table') {
      tableDepth -= 1;
      if (tableDepth === 0) group();
    } else if (tableDepth > 0) {
      // A paragraph, list item or inner table inside a cell is part of that cell.
      if (tableDepth === 1 && (tag === 'td' || tag === 'th')) cells.push(take());
      else if (tableDepth === 1 && tag === 'tr') lines.push(cells.splice(0).join(' | '));
      else if (/^(?:p|li|td|th|h[1-6])$/.test(tag)) inline += ' ';
    } else if (tag === 'li') item();
    else if (tag === 'ul' || tag === 'ol') {
      listDepth -= 1;
      if (listDepth === 0) group();
    } else if (listDepth > 0 && tag !== '') inline += ' ';
    else if (/^h[1-6]$/.test(tag)) builder.heading(take(), Number(tag[1]));
    else if (tag === 'p') builder.paragraph(take());
  };

  for (const [token] of html.matchAll(/<[^>]*>|[^<]+/g)) {
    if (!token.startsWith('<')) inline += decodeEntities(token);
    else if (token.startsWith('<br')) inline += '\n';
    else if (token.startsWith('</')) close(blockTag(token.slice(2)));
    else open(blockTag(token.slice(1)));
  }
  builder.paragraph(take());
  return builder.blocks;
};

// Inline tags (strong, a, sup …) are read as nothing, so that they never end a paragraph or part a word.
const blockTag = (token: string) => /^(?:h[1-6]|p|ul|ol|li|table|tr|td|th)(?=[\s/>])/.exec(token)?.[0] ?? '';
