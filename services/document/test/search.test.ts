import { makeDocx, makePdf } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDocumentClient, type DocumentClient, type ShownDocument } from './document.client.ts';
import { startDocumentStack, type DocumentStack } from './document.stack.ts';

let stack: DocumentStack;
let client: DocumentClient;
const ready = async (name: string, content: Uint8Array | string): Promise<ShownDocument> => {
  const document = await client.settled((await client.upload(name, content)).id);
  if (document.status !== 'ready') throw new Error(`${name} ended as ${document.status}: ${document.reason}`);
  return document;
};

const PORTUGUESE = [
  { heading: 'Contrato de prestação de serviços', paragraphs: ['As partes são a Padaria Aurora e o João Conceição.'] },
  { heading: 'Da rescisão', paragraphs: ['A multa por rescisão antecipada é de três mensalidades do contrato.'] },
  { heading: 'Das reuniões', paragraphs: ['As reuniões canceladas não são remarcadas. Os pães são servidos às 9h.'] },
  { heading: 'Do foro', paragraphs: ['Fica eleito o foro da comarca de São José dos Campos para dirimir questões.'] },
];
const SPANISH = [
  { heading: 'Manual del empleado', paragraphs: ['Bienvenido a la compañía; este manual es para los empleados.'] },
  { heading: 'Vacaciones', paragraphs: ['Cada empleado tiene derecho a veintidós días de vacaciones al año.'] },
  { heading: 'Teletrabajo', paragraphs: ['El teletrabajo se permite los martes y los jueves con aprobación previa.'] },
];
const ENGLISH = [
  { heading: 'Coffee shop handbook', paragraphs: ['This handbook is for the people who work with us every day.'] },
  { heading: 'Opening hours', paragraphs: ['The shop opens at seven in the morning and it closes at nineteen.'] },
  { heading: 'Cleaning the grinder', paragraphs: ['The grinder must be cleaned with rice every second Thursday.'] },
];

let [portuguese, spanish, english]: ShownDocument[] = [];
beforeAll(async () => {
  stack = await startDocumentStack();
  client = createDocumentClient(stack);
  [portuguese, spanish, english] = await Promise.all([
    ready('contrato.pdf', await makePdf(PORTUGUESE)),
    ready('manual.pdf', await makePdf(SPANISH)),
    ready('handbook.pdf', await makePdf(ENGLISH)),
  ]);
});
afterAll(() => stack.close());

describe('a question is answered with the right page', () => {
  it.each([
    ['Qual é a multa por rescisão?', () => portuguese, 2],
    ['multa de rescisao', () => portuguese, 2],
    ['reunião cancelada', () => portuguese, 3],
    ['reunioes', () => portuguese, 3],
    ['pão', () => portuguese, 3],
    ['Em que comarca fica o foro?', () => portuguese, 4],
    ['¿Cuántos días de vacaciones tiene un empleado?', () => spanish, 2],
    ['¿Qué días puedo hacer teletrabajo?', () => spanish, 3],
    ['dias de vacacion', () => spanish, 2],
    ['When does the shop open?', () => english, 2],
    ['How do I clean the grinders?', () => english, 3],
    // Misspelt in every word: only the likeness of the letters can find it.
    ['claning the griner', () => english, 3],
  ])('%s', async (query, document, page) => {
    const [best] = await client.search(query);
    expect(best).toMatchObject({ documentId: document()?.id, versionId: document()?.version.id, page });
  });

  it('with a title, a heading and a snippet of it', async () => {
    const [best] = await client.search('multa rescisão');
    expect(best).toMatchObject({ title: 'contrato.pdf', heading: 'Da rescisão' });
    expect(best?.text).toContain('A multa por rescisão antecipada é de três mensalidades');
    expect(best?.snippet).toContain('multa por rescisão');
    expect(best?.score).toBeGreaterThan(0);
  });
});

describe('other formats are found too', () => {
  it('Word, Markdown and text', async () => {
    await Promise.all([
      ready(
        'ata.docx',
        await makeDocx([{ heading: 'Ata', level: 1 }, { text: 'O orçamento da cozinha foi aprovado.' }]),
      ),
      ready('guia.md', '# Guia\n\n## Impressora\n\nA impressora fica no corredor do segundo andar.\n'),
      ready('nota.txt', Buffer.from('A senha do portão é alterada às segundas-feiras.', 'latin1')),
    ]);
    expect((await client.search('orçamento da cozinha'))[0]).toMatchObject({ title: 'ata.docx', page: null });
    expect((await client.search('onde fica a impressora'))[0]).toMatchObject({
      title: 'guia.md',
      heading: 'Guia › Impressora',
    });
    expect((await client.search('senha do portao'))[0]).toMatchObject({ title: 'nota.txt' });
  });
});

describe('a search', () => {
  it('keeps to one document when asked', async () => {
    const hits = await client.search('manual contrato handbook', { documentId: spanish?.id ?? '' });
    expect(new Set(hits.map(({ documentId }) => documentId))).toEqual(new Set([spanish?.id]));
  });

  it('gives as many as asked, best first, each once', async () => {
    const hits = await client.search('contrato manual handbook', { limit: '3' });
    expect(hits).toHaveLength(3);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(new Set(hits.map(({ text }) => text)).size).toBe(3);
  });

  it('puts the passage with more of the words first, however long the question is', async () => {
    await ready('a.txt', 'The lighthouse keeper paints the door.');
    await ready('b.txt', 'The lighthouse keeper paints the railing in vermilion before the winter storms.');
    const [best] = await client.search(
      'In which colour does the keeper of the lighthouse paint the railing before winter?',
    );
    expect(best?.title).toBe('b.txt');
  });

  it.each(['zyxgqvw', '!!! ???', 'the of and', "' | ! & <-> :*", '日本語'])(
    'takes %j without a failure',
    async (query) => {
      expect(Array.isArray(await client.search(query))).toBe(true);
    },
  );

  it('finds nothing for words that nobody wrote', async () => {
    expect(await client.search('zyxgqvw')).toEqual([]);
  });

  it.each([
    ['no query', ''],
    ['an empty query', 'query='],
    ['too many', 'query=a&limit=51'],
    ['an unknown field', 'query=a&workspaceId=1'],
  ])('refuses %s', async (_, parameters) => {
    const answer = await client.send('GET', `/documents/search?${parameters}`);
    expect(answer).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
  });
});

describe('what is no longer current', () => {
  it('disappears at once when a document is deleted', async () => {
    const { id } = await ready('delete.txt', 'The walrus sings at midnight.');
    expect((await client.search('walrus midnight'))[0]).toMatchObject({ documentId: id });
    await client.send('DELETE', `/documents/${id}`);
    expect((await client.search('walrus midnight')).filter(({ documentId }) => documentId === id)).toEqual([]);
  });

  it('is replaced when a new version is ready, and kept when it fails', async () => {
    const { id } = await ready('price.txt', 'The ticket to the aquarium costs twelve euros.');
    await client.send(
      'POST',
      `/documents/${id}/versions`,
      client.form('price.txt', 'The aquarium ticket costs fifteen.'),
    );
    expect(await client.settled(id)).toMatchObject({ status: 'ready', version: { number: 2 } });
    const hits = await client.search('aquarium ticket', { documentId: id });
    expect(hits.map(({ text }) => text)).toEqual(['The aquarium ticket costs fifteen.']);
    await client.send('POST', `/documents/${id}/versions`, client.form('price.txt', ' \n '));
    expect(await client.settled(id)).toMatchObject({ status: 'failed', version: { number: 3 } });
    expect(await client.search('aquarium ticket', { documentId: id })).toHaveLength(1);
  });
});
