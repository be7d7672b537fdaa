import type { ProvidersConfig } from '@atrium/llm';
import { ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';

export const AgentConfig = ServiceConfig.extend({
  /** Where documents are searched. */
  DOCUMENT_URL: z.url().default('http://127.0.0.1:8003'),
  /** Where holds are placed and the balance is read. */
  BILLING_URL: z.url().default('http://127.0.0.1:8004'),
  /** Where events are booked. */
  CALENDAR_URL: z.url().default('http://127.0.0.1:8005'),
  /** Key for OpenAI or a server that speaks its protocol; local servers need none. */
  OPENAI_API_KEY: z.string().optional(),
  /** Base URL of an OpenAI-compatible server, such as `http://localhost:11434/v1`. */
  OPENAI_BASE_URL: z.url().optional(),
  /** Key for Anthropic. */
  ANTHROPIC_API_KEY: z.string().optional(),
  /** Another address of Anthropic's API, such as a proxy. */
  ANTHROPIC_BASE_URL: z.url().optional(),
  /** Model of agents that name none; absent: that of the first configured provider, or `builtin`. */
  DEFAULT_MODEL: z.string().min(1).max(100).optional(),
  /** Largest answer of one model call, in tokens. */
  MAX_OUTPUT_TOKENS: z.coerce.number().int().min(16).max(200_000).default(2_048),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** The providers that the settings allow; none set: only the built-in assistant. */
export const providersConfig = (config: AgentConfig): ProvidersConfig => {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, DEFAULT_MODEL } = config;
  const hasOpenAi = OPENAI_API_KEY !== undefined || OPENAI_BASE_URL !== undefined;
  return {
    ...(hasOpenAi
      ? { openai: { apiKey: OPENAI_API_KEY ?? 'none', ...(OPENAI_BASE_URL ? { baseUrl: OPENAI_BASE_URL } : {}) } }
      : {}),
    ...(ANTHROPIC_API_KEY
      ? { anthropic: { apiKey: ANTHROPIC_API_KEY, ...(ANTHROPIC_BASE_URL ? { baseUrl: ANTHROPIC_BASE_URL } : {}) } }
      : {}),
    resilience: { breaker: { failures: config.BREAKER_FAILURES, pauseMs: config.BREAKER_OPEN_MS } },
    ...(DEFAULT_MODEL ? { defaultModel: DEFAULT_MODEL } : {}),
  };
};
