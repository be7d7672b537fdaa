import type OpenAI from 'openai';

/** Where an OpenAI-compatible server is and how to be let in. */
export interface OpenAiConfig {
  apiKey: string;
  /** Such as `http://localhost:11434/v1`; OpenAI's own by default. */
  baseUrl?: string;
  /** How long the server may take to answer with headers. */
  connectMs?: number;
}

export const OPENAI_BASE_URL = 'https://api.openai.com/v1';
export const CONNECT_MS = 30_000;

/** A client that is loaded when first asked for: the package is large and many installations never need it. */
export const lazyOpenAiClient = (config: OpenAiConfig, maxRetries: number): (() => Promise<OpenAI>) => {
  let client: Promise<OpenAI> | undefined;
  const load = async () => {
    const { OpenAI: Client } = await import('openai');
    return new Client({
      apiKey: config.apiKey,
      baseURL: config.baseUrl ?? OPENAI_BASE_URL,
      // Unset, the client would take these two from the process environment.
      organization: null,
      project: null,
      timeout: config.connectMs ?? CONNECT_MS,
      maxRetries,
    });
  };
  return () => (client ??= load());
};
