import { toProviderError } from '../api.failure.ts';
import { lazyOpenAiClient } from '../openai/openai.client.ts';
import type { OpenAiConfig } from '../openai/openai.client.ts';
import { ProviderError } from '../provider.error.ts';
import { normalise } from './embedder.ts';
import type { Embedder } from './embedder.ts';

export interface OpenAiEmbedderConfig extends OpenAiConfig {
  model: string;
  /** Length of the vectors; it must be given for models that are not OpenAI's text-embedding-3. */
  dimensions?: number;
  name?: string;
}

/** The API takes 2048 texts and 300 000 tokens at once; passages have some hundred tokens. */
const BATCH = 128;
const RETRIES = 3;
const KNOWN_DIMENSIONS: Record<string, number> = { 'text-embedding-3-small': 1536, 'text-embedding-3-large': 3072 };

/** Embeddings of an OpenAI-compatible server. Asks for base64, a quarter of the bytes, and takes plain numbers too. */
export const createOpenAiEmbedder = (config: OpenAiEmbedderConfig): Embedder => {
  const { model } = config;
  const name = config.name ?? 'openai';
  const dimensions = config.dimensions ?? KNOWN_DIMENSIONS[model];
  if (dimensions === undefined) {
    throw new ProviderError('invalid_request', name, `${name}: set the dimensions of the embedding model ${model}.`);
  }
  const client = lazyOpenAiClient(config, RETRIES);
  // Only these models can shorten their vectors; other servers refuse the field.
  const shorten = model.startsWith('text-embedding-3') ? { dimensions } : {};

  const embedBatch = async (input: string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    try {
      const { embeddings } = await client();
      const { data } = await embeddings.create(
        { model, input, encoding_format: 'base64', ...shorten },
        signal ? { signal } : {},
      );
      const vectors = data.toSorted((a, b) => a.index - b.index).map((item) => normalise(decode(item.embedding)));
      if (vectors.length !== input.length || vectors.some((vector) => vector.length !== dimensions)) {
        const got = `${vectors.length} vectors of length ${vectors[0]?.length ?? 0}`;
        const message = `${name}: ${model} gave ${got}, expected ${input.length} of length ${dimensions}. Set the right embedding dimensions.`;
        throw new ProviderError('invalid_request', name, message);
      }
      return vectors;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toProviderError(name, error);
    }
  };

  return {
    id: `${name}:${model}:${dimensions}`,
    dimensions,
    kind: 'semantic',
    async embed(texts, { signal } = {}) {
      const vectors: Float32Array[] = [];
      for (let start = 0; start < texts.length; start += BATCH) {
        // An empty text is refused by the API and would cost the whole batch.
        const batch = texts.slice(start, start + BATCH).map((text) => (text.trim() === '' ? '-' : text));
        vectors.push(...(await embedBatch(batch, signal)));
      }
      return vectors;
    },
  };
};

/** Little-endian 32-bit floats in base64, or plain numbers from servers that ignore the format asked for. */
const decode = (embedding: number[] | string): Float32Array => {
  if (typeof embedding !== 'string') return Float32Array.from(embedding);
  const bytes = Buffer.from(embedding, 'base64');
  return Float32Array.from({ length: bytes.length >> 2 }, (_, place) => bytes.readFloatLE(place * 4));
};
