import type { Usage } from '../chat.ts';

interface ReportedUsage {
  input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  output_tokens?: number | null;
}

/**
 * Keeps the newest of the numbers a stream reports: later events repeat some of them as running totals, so they
 * replace and are never added. All input is the sum of the three input fields.
 */
export const createUsageCount = () => {
  const seen = { input: 0, written: 0, read: 0, output: 0 };
  return {
    update(usage: ReportedUsage): void {
      seen.input = usage.input_tokens ?? seen.input;
      seen.written = usage.cache_creation_input_tokens ?? seen.written;
      seen.read = usage.cache_read_input_tokens ?? seen.read;
      seen.output = usage.output_tokens ?? seen.output;
    },
    total: (): Usage => ({
      inputTokens: seen.input + seen.written + seen.read,
      cachedInputTokens: seen.read,
      outputTokens: seen.output,
      estimated: false,
    }),
  };
};
