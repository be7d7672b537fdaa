import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { makeDocx, makePdf, makeZip } from '@atrium/testing';
import { describe, expect, it, jest } from '@jest/globals';
import type { ExtractedDocument } from './extracted.ts';
import { createExtractor } from './extractor.ts';

jest.setTimeout(30_000);

const { extract } = createExtractor();
const textOf = ({ pages }: ExtractedDocument) =>
  pages.flatMap(({ blocks }) => blocks.map(({ text }) => text)).join('\n\n');

const CONTRACT = [
  {
    heading: 'Contrato de prestação de serviços',
    paragraphs: ['A reunião ficou para amanhã às 9h. João não poderá comparecer à sessão.'],
  },
  {
    heading: 'Cláusula segunda',
    paragraphs: ['A multa por rescisão é de R$ 1.500,00.', 'O prazo de execução são três meses, já em vigor.'],
  },
  { paragraphs: ['Última página: “Ação, coração, pães, vovô, açúcar e lingüiça”.'] },
];
const DOCX = [
  { heading: 'Ata da reunião', level: 1 as const },
  { text: 'Participaram João, Conceição & <Zé>. Isto não é uma ação.' },
  { heading: 'Decisões', level: 2 as const },
  { list: ['Aprovar o orçamento', 'Contratar três pessoas'] },
  {
    table: [
      ['Item', 'Preço'],
      ['Café', 'R$ 10,00'],
    ],
  },
];

describe('a PDF', () => {
  it('gives its text page by page, with accents, headings, title and language', async () => {
    const progress = jest.fn();
    const bytes = await makePdf(CONTRACT, { title: 'Contrato nº 7' });
    const document = await extract(bytes, 'pdf', { onProgress: progress });
    expect(document).toEqual({
      pageCount: 3,
      title: 'Contrato nº 7',
      language: 'portuguese',
      pages: [
        { number: 1, blocks: [{ heading: CONTRACT[0]?.heading, level: 1, text: CONTRACT[0]?.paragraphs[0] }] },
        {
          number: 2,
          blocks: [
            { heading: 'Cláusula segunda', level: 1, text: CONTRACT[1]?.paragraphs[0] },
            { text: CONTRACT[1]?.paragraphs[1] },
          ],
        },
        { number: 3, blocks: [{ text: CONTRACT[2]?.paragraphs[0] }] },
      ],
    });
    expect(progress.mock.calls).toEqual([[{ done: 1, total: 3 }], [{ done: 2, total: 3 }], [{ done: 3, total: 3 }]]);
  });

  it('joins wrapped lines into paragraphs', async () => {
    const long = 'O presente instrumento particular regula as obrigações das partes contratantes. '.repeat(12).trim();
    const document = await extract(await makePdf([{ paragraphs: [long, 'Outro parágrafo.'] }]), 'pdf');
    expect(document.pages[0]?.blocks).toEqual([{ text: long }, { text: 'Outro parágrafo.' }]);
  });

  it.each([
    ['document.encrypted', () => makePdf(CONTRACT, { userPassword: 'segredo' })],
    ['document.no_text', () => makePdf([{}, {}], { scan: true })],
    ['document.damaged', async () => (await makePdf(CONTRACT)).subarray(0, 1_500)],
    ['document.damaged', () => Buffer.from('%PDF-1.7\nnothing of a document\n%%EOF')],
    ['document.empty', () => Buffer.alloc(0)],
  ])('that cannot be read ends as %s', async (code, make) => {
    await expect(extract(await make(), 'pdf')).rejects.toMatchObject({ name: 'ExtractionError', code });
  });

  it('of too many pages is refused before they are read', async () => {
    const bytes = await makePdf(Array.from({ length: 4 }, () => ({ paragraphs: ['Página.'] })));
    await expect(extract(bytes, 'pdf', { maxPages: 3 })).rejects.toMatchObject({
      code: 'document.too_large_inside',
      message: expect.stringContaining('4 pages'),
    });
  });
});

describe('a DOCX', () => {
  it('gives its text with headings, lists and tables, without pages', async () => {
    expect(await extract(await makeDocx(DOCX), 'docx')).toEqual({
      pageCount: null,
      title: 'Ata da reunião',
      language: 'portuguese',
      pages: [
        {
          number: null,
          blocks: [
            { heading: 'Ata da reunião', level: 1, text: 'Participaram João, Conceição & <Zé>. Isto não é uma ação.' },
            { heading: 'Decisões', level: 2, text: '- Aprovar o orçamento\n- Contratar três pessoas' },
            { text: 'Item | Preço\nCafé | R$ 10,00' },
          ],
        },
      ],
    });
  });

  it('is called by the title in its properties', async () => {
    expect((await extract(await makeDocx(DOCX, { title: 'Ata & anexos' }), 'docx')).title).toBe('Ata & anexos');
  });

  const body = (content: Buffer, claimedSize?: number) =>
    makeZip([
      { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
      { name: 'word/document.xml', content, ...(claimedSize === undefined ? {} : { claimedSize }) },
    ]);
  const MANY_BYTES = 300 * 2 ** 20;

  it.each([
    ['document.too_large_inside', 'a bomb that says its size', () => body(Buffer.alloc(MANY_BYTES, ' '))],
    ['document.too_large_inside', 'a bomb that lies about its size', () => body(Buffer.alloc(64 * 2 ** 20, ' '), 100)],
    [
      'document.too_large_inside',
      'too many parts',
      () => makeZip(Array.from({ length: 5_001 }, (_, at) => ({ name: `${at}.xml`, content: Buffer.from('x') }))),
    ],
    [
      'document.damaged',
      'XML entities',
      () => body(Buffer.from('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')),
    ],
    [
      'document.damaged',
      'another kind of archive',
      () => makeZip([{ name: 'notes.xml', content: Buffer.from('<a/>') }]),
    ],
    ['document.damaged', 'an archive cut short', async () => (await makeDocx(DOCX)).subarray(0, 3_000)],
    ['document.empty', 'no text', () => makeDocx([])],
  ])('ends as %s with %s', async (code, _, make) => {
    await expect(extract(await make(), 'docx')).rejects.toMatchObject({ name: 'ExtractionError', code });
  });
});

describe('text', () => {
  it('of 10 MB comes through whole', async () => {
    const paragraph = 'Não há limite para a ação de quem lê. '.repeat(25).trim();
    const text = Array.from({ length: 10_000 }, () => paragraph).join('\n\n');
    const document = await extract(Buffer.from(text), 'text');
    expect(textOf(document)).toBe(text);
    expect(document).toMatchObject({ pageCount: null, title: null, language: 'portuguese' });
  });

  it('is read from a file and from a stream', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atrium-extract-'));
    await writeFile(join(folder, 'note'), 'The meeting is at nine and the report is due on Friday.');
    expect(await extract(join(folder, 'note'), 'text')).toMatchObject({ language: 'english' });
    await rm(folder, { recursive: true });
    expect(textOf(await extract(Readable.from([Buffer.from('Olá, '), Buffer.from('você.')]), 'text'))).toBe(
      'Olá, você.',
    );
  });

  it('of Markdown keeps its headings', async () => {
    const document = await extract(Buffer.from('# Guia\n\nTexto.\n\n## Passos\n\n- um\n- dois\n'), 'markdown');
    expect(document).toMatchObject({
      title: 'Guia',
      pages: [
        {
          blocks: [
            { heading: 'Guia', level: 1, text: 'Texto.' },
            { heading: 'Passos', level: 2, text: '- um\n- dois' },
          ],
        },
      ],
    });
  });

  it.each([
    ['document.damaged', Buffer.concat([Buffer.from('texto '.repeat(20_000)), Buffer.from([0, 1, 2])])],
    ['document.empty', Buffer.from(' \n\t\n')],
  ])('that cannot be read ends as %s', async (code, bytes) => {
    await expect(extract(bytes, 'text')).rejects.toMatchObject({ code });
  });

  it('of more than the limit is refused', async () => {
    await expect(extract(Buffer.from('palavra '.repeat(1_000)), 'text', { maxTextBytes: 4_000 })).rejects.toMatchObject(
      {
        code: 'document.too_large_inside',
      },
    );
  });
});
