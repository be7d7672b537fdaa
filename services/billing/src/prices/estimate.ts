import { choosePrice, chooseUnitPrice, costOf, type ListedPrice } from './price.ts';
import { costOfCount, pricedAs, type MeasuredUnit } from './price.units.ts';

/** What somebody thinks of doing. */
export interface Wish {
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  /** Characters of a text that was not counted in tokens. */
  readonly textLength: number;
  readonly maxOutputTokens: number;
  readonly embeddingTokens: number;
  readonly pages: number;
  readonly audioMinutes: number;
}

/** Between these many characters make a token, whatever the language and the model's tokenizer. */
const MOST_CHARACTERS = 5;
const FEWEST_CHARACTERS = 2;

const COUNTS: Readonly<Record<'embeddingTokens' | 'pages' | 'audioMinutes', [MeasuredUnit, number]>> = {
  embeddingTokens: ['embedding', 1],
  pages: ['pages', 1],
  audioMinutes: ['audio_second', 60],
};

/**
 * What a wish may cost in micro-units: at least if nothing is answered and all input comes from the provider's cache,
 * at most if the answer is as long as it may be and nothing is cached. The most is what a hold of it sets aside.
 */
export const estimateCost = (
  wish: Wish,
  listed: readonly ListedPrice[],
  at: Date,
): { low: bigint; high: bigint; listedAs: string } => {
  const price = choosePrice(listed, wish, at);
  const fewest = wish.inputTokens + Math.ceil(wish.textLength / MOST_CHARACTERS);
  const most = wish.inputTokens + Math.ceil(wish.textLength / FEWEST_CHARACTERS);
  const other = (Object.keys(COUNTS) as (keyof typeof COUNTS)[]).reduce((sum, name) => {
    const [unit, counts] = COUNTS[name];
    const { perMillion } = chooseUnitPrice(listed, wish, pricedAs[unit].unit, at);
    return sum + costOfCount(unit, BigInt(Math.ceil(wish[name] * counts)), perMillion);
  }, 0n);
  const low = costOf(price, { inputTokens: fewest, cachedInputTokens: fewest, outputTokens: 0 });
  const high = costOf(price, { inputTokens: most, cachedInputTokens: 0, outputTokens: wish.maxOutputTokens });
  // A cached token may be listed dearer than another; the range is a range all the same.
  const uncached = costOf(price, { inputTokens: fewest, cachedInputTokens: 0, outputTokens: 0 });
  const least = low < uncached ? low : uncached;
  return { low: least + other, high: high + other, listedAs: price.listedAs };
};
