export type {
  AssistantMessage,
  ChatContext,
  ChatEvent,
  ChatMessage,
  ChatProvider,
  ChatRequest,
  FinishReason,
  ToolCall,
  ToolDefinition,
  ToolMessage,
  Usage,
  UserMessage,
} from './chat.ts';
export { ProviderError } from './provider.error.ts';
export type { ProviderErrorKind } from './provider.error.ts';
export { BUILTIN_MODEL, createProviders } from './registry.ts';
export type { ProviderName, Providers, ProvidersConfig } from './registry.ts';
export { estimateUsage } from './usage.ts';
export { createResilience, resilient } from './resilience/resilient.ts';
export type { ResilienceOptions, Target } from './resilience/resilient.ts';
export { createOpenAiCompatibleProvider } from './openai/openai-compatible.provider.ts';
export type { OpenAiConfig } from './openai/openai.client.ts';
export { createAnthropicProvider } from './anthropic/anthropic.provider.ts';
export type { AnthropicConfig } from './anthropic/anthropic.provider.ts';
export { createBuiltinProvider } from './builtin/builtin.provider.ts';
export type { Embedder } from './embeddings/embedder.ts';
export { createLexicalEmbedder } from './embeddings/lexical.embedder.ts';
export { createOpenAiEmbedder } from './embeddings/openai.embedder.ts';
