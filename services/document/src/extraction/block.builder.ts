import type { Block } from './extracted.ts';

/** Collects headings and paragraphs in reading order; blank ones are dropped. */
export const createBlockBuilder = () => {
  const blocks: Block[] = [];
  return {
    blocks,
    heading(text: string, level: number) {
      const heading = text.replace(/\s+/g, ' ').trim();
      if (heading !== '') blocks.push({ heading, level: Math.min(Math.max(level, 1), 6), text: '' });
    },
    paragraph(text: string) {
      const trimmed = text.trim();
      if (trimmed === '') return;
      const last = blocks.at(-1);
      if (last?.heading !== undefined && last.text === '') last.text = trimmed;
      else blocks.push({ text: trimmed });
    },
  };
};
