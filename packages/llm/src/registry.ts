import { createAnthropicProvider } from './anthropic/anthropic.provider.ts';
import type { AnthropicConfig } from './anthropic/anthropic.provider.ts';
import { createBuiltinProvider } from './builtin/builtin.provider.ts';
import type { ChatProvider } from './chat.ts';
import type { Embedder } from './embeddings/embedder.ts';
import { createLexicalEmbedder } from './embeddings/lexical.embedder.ts';
import { createOpenAiEmbedder } from './embeddings/openai.embedder.ts';
import type { OpenAiConfig } from './openai/openai.client.ts';
import { createOpenAiCompatibleProvider } from './openai/openai-compatible.provider.ts';
import { ProviderError } from './provider.error.ts';
import { createResilience } from './resilience/resilient.ts';
import type { ResilienceOptions, Target } from './resilience/resilient.ts';

/** The model name of the assistant that needs no provider. */
export const BUILTIN_MODEL = 'builtin';

export interface ProvidersConfig {
  openai?: OpenAiConfig;
  anthropic?: AnthropicConfig;
  /** Model of agents that name none. */
  defaultModel?: string;
  embedding?: { model: string; dimensions?: number };
  resilience?: ResilienceOptions;
  /** Put around every provider, inside of retries: sees each call that is made. */
  observe?: (provider: ChatProvider) => ChatProvider;
}

export type ProviderName = 'builtin' | 'openai' | 'anthropic';

/** Every provider of an installation or of a workspace with keys of its own. */
export interface Providers {
  defaultModel: string;
  /** The providers that can be used as configured. */
  available: readonly ProviderName[];
  /** Which provider serves a model name, configured or not: `builtin`, `claude-*` to Anthropic, all others OpenAI-compatible. */
  nameFor(model: string): ProviderName;
  /** The bare provider of a model. Throws `ProviderError('auth')` when it is not configured. */
  resolve(model: string): ChatProvider;
  /**
   * The model with retries, timeouts and a circuit breaker, and the models to fall back to, in order. Fallbacks that
   * are not configured are left out.
   */
  chain(model: string, fallbacks?: readonly string[]): ChatProvider;
  embedder: Embedder;
}

const DEFAULT_MODELS = { openai: 'gpt-5-mini', anthropic: 'claude-haiku-4-5' };
const DEFAULT_EMBEDDING = { model: 'text-embedding-3-small' };

/** Builds the providers a configuration allows; without any key that is the built-in assistant and lexical vectors. */
export const createProviders = (config: ProvidersConfig): Providers => {
  const { observe = (provider) => provider } = config;
  const providers: Record<ProviderName, ChatProvider | undefined> = {
    builtin: observe(createBuiltinProvider()),
    openai: config.openai && observe(createOpenAiCompatibleProvider(config.openai)),
    anthropic: config.anthropic && observe(createAnthropicProvider(config.anthropic)),
  };
  const available = (['builtin', 'openai', 'anthropic'] as const).filter((name) => providers[name]);
  const resilience = createResilience(config.resilience);

  const nameFor = (model: string): ProviderName => {
    if (model === BUILTIN_MODEL) return 'builtin';
    return model.startsWith('claude-') ? 'anthropic' : 'openai';
  };
  const resolve = (model: string): ChatProvider => providers[nameFor(model)] ?? missing(nameFor(model), model);
  const targetsOf = (models: readonly string[]): Target[] =>
    models.flatMap((model) => {
      const provider = providers[nameFor(model)];
      return provider ? [{ provider, model }] : [];
    });

  return {
    defaultModel: config.defaultModel ?? usualModel(config),
    available,
    nameFor,
    resolve,
    chain: (model, fallbacks = []) => resilience([{ provider: resolve(model), model }, ...targetsOf(fallbacks)]),
    embedder: config.openai
      ? createOpenAiEmbedder({ ...config.openai, ...(config.embedding ?? DEFAULT_EMBEDDING) })
      : createLexicalEmbedder(),
  };
};

const usualModel = (config: ProvidersConfig): string => {
  if (config.openai) return DEFAULT_MODELS.openai;
  return config.anthropic ? DEFAULT_MODELS.anthropic : BUILTIN_MODEL;
};

const missing = (provider: ProviderName, model: string): never => {
  const variable = provider === 'anthropic' ? 'ANTHROPIC_API_KEY' : 'OPENAI_API_KEY';
  throw new ProviderError('auth', provider, `The model ${model} needs ${variable}; set it or use the model builtin.`);
};
