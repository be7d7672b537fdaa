import { createLexicalEmbedder, createOpenAiEmbedder, type Embedder } from '@atrium/llm';
import { ConfigError } from '@atrium/service-kit';

/** The settings that say how texts become vectors. */
export interface EmbeddingSettings {
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  EMBEDDING_MODEL?: string | undefined;
  EMBEDDING_DIMENSIONS?: number | undefined;
}

const BUILTIN = 'builtin';
const DEFAULT_MODEL = 'text-embedding-3-small';
/** The length that has an index; these models can be asked for it. */
const INDEXED_DIMENSIONS = 512;

/**
 * The model that was asked for; OpenAI's usual one where only a key was given; otherwise the built-in embedder.
 * @throws ConfigError when a model was named that cannot be used as set
 */
export const openEmbedder = (settings: EmbeddingSettings): Embedder => {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, EMBEDDING_MODEL, EMBEDDING_DIMENSIONS } = settings;
  const usual = apiKey !== undefined && baseUrl === undefined ? DEFAULT_MODEL : BUILTIN;
  const model = EMBEDDING_MODEL ?? usual;
  if (model === BUILTIN) return createLexicalEmbedder();
  if (apiKey === undefined && baseUrl === undefined)
    throw new ConfigError(`EMBEDDING_MODEL is ${model}: set OPENAI_API_KEY or OPENAI_BASE_URL too.`);
  const dimensions = EMBEDDING_DIMENSIONS ?? (model.startsWith('text-embedding-3') ? INDEXED_DIMENSIONS : undefined);
  if (dimensions === undefined)
    throw new ConfigError(`EMBEDDING_MODEL is ${model}: set EMBEDDING_DIMENSIONS to the length of its vectors.`);
  return createOpenAiEmbedder({
    // Servers on one's own machine want a key that is not empty and do not look at it.
    apiKey: apiKey ?? 'none',
    ...(baseUrl === undefined ? {} : { baseUrl }),
    model,
    dimensions,
  });
};
