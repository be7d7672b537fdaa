/** What a server behind an OpenAI-compatible base URL understands, where servers differ in what we send. */
export interface Capabilities {
  /** The field that limits the answer; OpenAI deprecated `max_tokens`, most others know only that. */
  outputLimit: 'max_completion_tokens' | 'max_tokens';
  /** Whether `stream_options` may be sent; others report usage unasked, or never. */
  streamOptions: boolean;
}

const BY_HOST: readonly (readonly [RegExp, Capabilities])[] = [
  [/(^|\.)openai\.(azure\.)?com$/, { outputLimit: 'max_completion_tokens', streamOptions: true }],
  [/(^|\.)groq\.com$/, { outputLimit: 'max_completion_tokens', streamOptions: true }],
  [/(^|\.)mistral\.ai$/, { outputLimit: 'max_tokens', streamOptions: false }],
];

/** Capabilities of the server at `baseUrl`. */
export const capabilitiesOf = (baseUrl: string): Capabilities => {
  const { hostname } = new URL(baseUrl);
  const known = BY_HOST.find(([host]) => host.test(hostname));
  return known ? known[1] : { outputLimit: 'max_tokens', streamOptions: true };
};
