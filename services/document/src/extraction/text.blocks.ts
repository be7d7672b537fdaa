import { createBlockBuilder } from './block.builder.ts';
import type { Block } from './extracted.ts';

/** Splits plain text at blank lines and page feeds. */
export const textBlocks = (text: string): Block[] => {
  const builder = createBlockBuilder();
  for (const paragraph of text.replace(/\r\n?/g, '\n').split(/\n[^\S\n]*\n|\f/)) builder.paragraph(paragraph);
  return builder.blocks;
};
