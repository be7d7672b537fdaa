import { afterEach, describe, expect, it } from '@jest/globals';
import { startFakeOpenAi } from '@atrium/testing';
import type { FakeOpenAi } from '@atrium/testing';
import { createOpenAiEmbedder } from '../src/index.ts';

let fake: FakeOpenAi;
afterEach(() => fake.close());

const config = () => ({ apiKey: 'k', baseUrl: fake.baseUrl, model: 'nomic-embed-text', dimensions: 8 });

describe('embeddings of an OpenAI-compatible server', () => {
  it('are the same by base64 and by numbers, in the order of the texts', async () => {
    fake = await startFakeOpenAi();
    const packed = await createOpenAiEmbedder(config()).embed(['prazo', 'multa']);
    expect(fake.requests[0]?.body).toEqual({
      model: 'nomic-embed-text',
      input: ['prazo', 'multa'],
      encoding_format: 'base64',
    });
    await fake.close();
    fake = await startFakeOpenAi({ ignoreBase64: true });
    const plain = await createOpenAiEmbedder(config()).embed(['prazo', 'multa']);
    expect(plain).toEqual(packed);
    const [alone] = await createOpenAiEmbedder(config()).embed(['multa']);
    expect(alone).toEqual(packed[1]);
    expect(packed[0]).not.toEqual(packed[1]);
    expect(Math.hypot(...packed[0]!)).toBeCloseTo(1, 5);
  });

  it('are asked for in batches', async () => {
    fake = await startFakeOpenAi();
    const vectors = await createOpenAiEmbedder(config()).embed(
      Array.from({ length: 300 }, (_, index) => `text ${index}`),
    );
    expect(vectors).toHaveLength(300);
    expect(fake.requests.map(({ body }) => (body['input'] as string[]).length)).toEqual([128, 128, 44]);
  });

  it('can be shortened where the model can', async () => {
    fake = await startFakeOpenAi();
    const embedder = createOpenAiEmbedder({ ...config(), model: 'text-embedding-3-small', dimensions: 512 });
    const [vector] = await embedder.embed(['prazo']);
    expect(vector).toHaveLength(512);
    expect(embedder).toMatchObject({ id: 'openai:text-embedding-3-small:512', kind: 'semantic', dimensions: 512 });
  });

  it('refuse vectors of another length than was set', async () => {
    fake = await startFakeOpenAi({ dimensions: 16 });
    await expect(createOpenAiEmbedder(config()).embed(['prazo'])).rejects.toThrow(/length 16.*expected 1 of length 8/);
  });

  it('need the length for a model nobody knows', async () => {
    fake = await startFakeOpenAi();
    expect(() => createOpenAiEmbedder({ apiKey: 'k', model: 'some-model' })).toThrow(/set the dimensions/);
  });
});
