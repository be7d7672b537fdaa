import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Block, Page } from '../extraction/extracted.ts';
import type { Chunk, ChunkOptions } from './chunk.ts';
import { chunkPages, DEFAULT_CHUNKING } from './chunk.ts';
import { estimateTokens } from './tokens.ts';

const chunk = (pages: Page[], options?: Partial<ChunkOptions>) => [...chunkPages(pages, options)];
const page = (number: number | null, ...blocks: Block[]): Page => ({ number, blocks });
const sentence = (about: string) => `Esta frase do contrato fala sobre ${about} e tem o tamanho de uma frase comum.`;
const paragraph = (count: number) => Array.from({ length: count }, (_, at) => sentence(`o item ${at + 1}`)).join(' ');

const squeeze = (text: string) => text.replace(/\s+/g, '');
const allText = (pages: Page[]) =>
  squeeze(pages.flatMap(({ blocks }) => blocks.map(({ heading = '', text }) => `${heading} ${text}`)).join(' '));
const withoutOverlap = (chunks: Chunk[]) => squeeze(chunks.map(({ text, overlap }) => text.slice(overlap)).join(' '));

const word = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'contrato',
      'não',
      'reunião',
      'art.',
      'Dr.',
      'R$',
      '10.000,00',
      'fim.',
      'Por',
      'quê?',
      '—',
      'às',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom('漢字かな交じり文。', '👩‍👩‍👧', 'x'.repeat(900), '字'.repeat(500)) },
);
const prose = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '\n', '  ')), { maxLength: 120, size: 'max' })
  .map((words) => words.map(([text, space]) => text + space).join(''));
const block = fc.oneof(
  { weight: 3, arbitrary: prose.map((text): Block => ({ text })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(prose, fc.integer({ min: 1, max: 6 }), prose)
      .map(([heading, level, text]): Block => ({ heading, level, text })),
  },
);
const documents = fc
  .array(fc.array(block, { maxLength: 6, size: 'max' }), { maxLength: 5, size: 'max' })
  .map((pages) => pages.map((blocks, index) => page(index + 1, ...blocks)));
const sizes = fc
  .record({
    max: fc.integer({ min: 20, max: 400 }),
    overlap: fc.integer({ min: 0, max: 40 }),
    tiny: fc.integer({ min: 0, max: 60 }),
  })
  .map((size) => ({ ...size, target: Math.floor(size.max * 0.9) }));

describe('chunks of any document', () => {
  it('lose no character and keep the order', () => {
    fc.assert(fc.property(documents, sizes, (pages, size) => withoutOverlap(chunk(pages, size)) === allText(pages)));
  });

  it('are never larger than allowed, nor empty', () => {
    fc.assert(
      fc.property(documents, sizes, (pages, size) =>
        chunk(pages, size).every(
          ({ text, tokenEstimate, overlap }) =>
            tokenEstimate === estimateTokens(text) &&
            tokenEstimate <= size.max &&
            text.trim() !== '' &&
            overlap < text.length,
        ),
      ),
    );
  });

  it('are numbered in order and never go back a page', () => {
    fc.assert(
      fc.property(documents, sizes, (pages, size) =>
        chunk(pages, size).every(
          ({ ordinal, page: start, endPage }, at, chunks) =>
            ordinal === at && Number(start) <= Number(endPage) && Number(chunks[at - 1]?.page ?? 0) <= Number(start),
        ),
      ),
    );
  });

  it('repeat exactly the end of the chunk before', () => {
    fc.assert(
      fc.property(documents, sizes, (pages, size) =>
        chunk(pages, size).every(
          ({ text, overlap }, at, chunks) =>
            overlap === 0 || squeeze(chunks[at - 1]?.text ?? '').endsWith(squeeze(text.slice(0, overlap))),
        ),
      ),
    );
  });

  it('come out the same each time', () => {
    fc.assert(fc.property(documents, (pages) => JSON.stringify(chunk(pages)) === JSON.stringify(chunk(pages))));
  });
});

describe('chunks of a document', () => {
  it('fill up to the target with whole sentences', () => {
    const chunks = chunk([page(1, { text: paragraph(60) })]);
    expect(chunks.length).toBeGreaterThan(2);
    for (const { text, tokenEstimate } of chunks.slice(0, -1)) {
      expect(tokenEstimate).toBeGreaterThan(300);
      expect(tokenEstimate).toBeLessThanOrEqual(DEFAULT_CHUNKING.max);
      expect(text).toMatch(/^Esta frase .* comum\.$/);
    }
  });

  it('overlap inside a section by a sentence and not across sections', () => {
    const [first, second] = chunk([page(1, { text: paragraph(30) })]);
    expect(second?.overlap).toBeGreaterThan(0);
    expect(first?.text.endsWith(second?.text.slice(0, second.overlap).trim() ?? '-')).toBe(true);

    const sections = chunk([
      page(1, { heading: 'Prazo', level: 1, text: paragraph(8) }, { heading: 'Multa', level: 2, text: paragraph(8) }),
    ]);
    expect(sections.map(({ heading, overlap }) => [heading, overlap])).toEqual([
      ['Prazo', 0],
      ['Prazo › Multa', 0],
    ]);
  });

  it('keep a deeper heading together with the section it is part of', () => {
    const chunks = chunk([
      page(
        1,
        { heading: 'Prazo', level: 2, text: paragraph(3) },
        { heading: 'Exceções', level: 3, text: paragraph(3) },
      ),
    ]);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.text).toContain('\n\nExceções\n\n');
  });

  it('let a tiny section share the next one, and a title its first section', () => {
    const [first, ...rest] = chunk([
      page(1, { heading: 'Contrato', level: 1, text: '' }, { heading: 'Partes', level: 2, text: paragraph(5) }),
    ]);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ heading: 'Contrato › Partes' });
    expect(first?.text.startsWith('Contrato\n\nPartes\n\nEsta frase')).toBe(true);
  });

  it('never end with a heading whose text comes after', () => {
    const pages = [page(1, { text: paragraph(13) }, { heading: 'Detalhe', level: 4, text: paragraph(13) })];
    for (const { text } of chunk(pages)) expect(text.endsWith('Detalhe')).toBe(false);
  });

  it('are each of one page, however small', () => {
    const chunks = chunk([
      page(1, { text: paragraph(2) }),
      page(2, { text: paragraph(20) }),
      page(3, { text: paragraph(2) }),
    ]);
    expect(chunks.every(({ page: start, endPage }) => start === endPage)).toBe(true);
    expect(chunks.map(({ page: start }) => start)).toEqual([1, 2, 2, 3]);
    expect(chunks.map(({ overlap }) => overlap > 0)).toEqual([false, false, true, false]);
  });

  it('go on over the page where a heading would be left alone', () => {
    const chunks = chunk([
      page(1, { text: paragraph(5) }, { heading: 'Multa', level: 1, text: '' }),
      page(2, { text: sentence('a multa') }),
    ]);
    expect(chunks.at(-1)).toMatchObject({ page: 1, endPage: 2, heading: 'Multa' });
  });

  it('have no page where the format has none', () => {
    expect(chunk([page(null, { text: sentence('nada') })])[0]).toMatchObject({
      page: null,
      endPage: null,
      heading: null,
    });
  });

  it('forget a heading when its section is over', () => {
    const chunks = chunk([
      page(
        1,
        { heading: 'A', level: 1, text: paragraph(5) },
        { heading: 'A.1', level: 2, text: paragraph(5) },
        { heading: 'B', level: 1, text: paragraph(5) },
      ),
    ]);
    expect(chunks.map(({ heading }) => heading)).toEqual(['A', 'A › A.1', 'B']);
  });
});
