const LATIN_CHARACTERS_PER_TOKEN = 3.5;
const LATIN_END = 0x0250;

/**
 * Estimates how many tokens a model counts in a text, without a vocabulary: 3.5 Latin characters a token, every other
 * character (CJK, emoji) one. Measured against no single model; meant for sizing, not for billing.
 */
export const estimateTokens = (text: string): number => {
  let other = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) >= LATIN_END) other += 1;
  return Math.ceil((text.length - other) / LATIN_CHARACTERS_PER_TOKEN + other);
};
