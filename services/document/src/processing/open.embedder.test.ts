import { describe, expect, it } from '@jest/globals';
import { openEmbedder, type EmbeddingSettings } from './open.embedder.ts';

describe('the embedder', () => {
  it.each<[string, EmbeddingSettings, string]>([
    ['nothing set', {}, 'builtin-lexical-v1:512'],
    ['a key', { OPENAI_API_KEY: 'k' }, 'openai:text-embedding-3-small:512'],
    [
      'a key and the built-in one asked for',
      { OPENAI_API_KEY: 'k', EMBEDDING_MODEL: 'builtin' },
      'builtin-lexical-v1:512',
    ],
    ['a server that may have no embeddings', { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }, 'builtin-lexical-v1:512'],
    [
      'a server and its model',
      { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', EMBEDDING_MODEL: 'nomic-embed-text', EMBEDDING_DIMENSIONS: 768 },
      'openai:nomic-embed-text:768',
    ],
    [
      'a length of its own',
      { OPENAI_API_KEY: 'k', EMBEDDING_MODEL: 'text-embedding-3-large', EMBEDDING_DIMENSIONS: 3072 },
      'openai:text-embedding-3-large:3072',
    ],
  ])('with %s', (_, settings, id) => {
    expect(openEmbedder(settings).id).toBe(id);
  });

  it.each<[string, EmbeddingSettings, string]>([
    ['a model without a server', { EMBEDDING_MODEL: 'nomic-embed-text' }, 'OPENAI_BASE_URL'],
    [
      'a model of unknown length',
      { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', EMBEDDING_MODEL: 'nomic-embed-text' },
      'EMBEDDING_DIMENSIONS',
    ],
  ])('says what to set for %s', (_, settings, setting) => {
    expect(() => openEmbedder(settings)).toThrow(setting);
  });
});
