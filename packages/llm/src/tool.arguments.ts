import type { ToolCall } from './chat.ts';

/** Reads a model's tool arguments; an empty text means no arguments. */
export const parseToolArguments = (raw: string): Pick<ToolCall, 'arguments' | 'invalidArguments'> => {
  if (raw.trim() === '') return { arguments: {} };
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return { arguments: parsed as Record<string, unknown> };
    }
  } catch {
    // The caller hands the text back to the model, which can correct itself; an exception here would end the run.
  }
  return { arguments: {}, invalidArguments: raw };
};
