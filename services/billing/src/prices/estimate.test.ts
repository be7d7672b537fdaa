import { expect, it } from '@jest/globals';
import { estimateCost, type Wish } from './estimate.ts';
import type { ListedPrice, PriceUnit } from './price.ts';

const row = (model: string, unit: PriceUnit, perMillion: bigint): ListedPrice => ({
  provider: model === '*' ? '*' : 'openai',
  model,
  unit,
  perMillion,
  validFrom: new Date(0),
});
const listed = [
  row('gpt-4o', 'input', 2_500_000n),
  row('gpt-4o', 'cached_input', 1_250_000n),
  row('gpt-4o', 'output', 10_000_000n),
  row('*', 'input', 5_000_000n),
  row('*', 'output', 25_000_000n),
  row('*', 'page', 1_000_000_000n),
  row('*', 'audio_minute', 6_000_000_000n),
];
const wish = (given: Partial<Wish>): Wish => ({
  provider: 'openai',
  model: 'gpt-4o',
  inputTokens: 0,
  textLength: 0,
  maxOutputTokens: 0,
  embeddingTokens: 0,
  pages: 0,
  audioMinutes: 0,
  ...given,
});

it.each([
  [{}, 0n, 0n],
  [{ inputTokens: 1_000_000 }, 1_250_000n, 2_500_000n],
  [{ inputTokens: 1_000, maxOutputTokens: 1_000 }, 1_250n, 12_500n],
  [{ textLength: 10_000 }, 2_500n, 12_500n],
  [{ pages: 3 }, 3_000n, 3_000n],
  [{ audioMinutes: 1.5 }, 9_000n, 9_000n],
  // Not listed for that model, so free.
  [{ embeddingTokens: 1_000 }, 0n, 0n],
])('%j costs from %s to %s', (given, low, high) => {
  expect(estimateCost(wish(given), listed, new Date())).toEqual({ low, high, listedAs: 'openai/gpt-4o' });
});
