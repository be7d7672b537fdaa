import { choosePrice, costOf, type ListedPrice } from '../prices/price.ts';
import { amountToHold } from './hold.ts';

const KEPT_MS = 10_000;
const MOST = 1_000;

/** What a run may use at most. */
export interface Usage {
  readonly provider: string;
  readonly model: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
}

/**
 * Prices what a run may use at most. The price book is asked once in ten seconds a model: a price has a date from which
 * it is valid, so it is there long before that.
 */
export const createHoldPricing = (parts: {
  listed: (provider: string, model: string) => Promise<ListedPrice[]>;
  now: () => Date;
}) => {
  const known = new Map<string, { until: number; prices: Promise<ListedPrice[]> }>();
  const listed = (provider: string, model: string, at: number): Promise<ListedPrice[]> => {
    const name = JSON.stringify([provider, model]);
    const found = known.get(name);
    if (found && found.until > at) return found.prices;
    if (known.size >= MOST) known.clear();
    const prices = parts.listed(provider, model);
    known.set(name, { until: at + KEPT_MS, prices });
    prices.catch(() => known.delete(name));
    return prices;
  };
  return async ({ provider, model, maxInputTokens, maxOutputTokens }: Usage): Promise<bigint> => {
    const at = parts.now();
    const price = choosePrice(await listed(provider, model, at.getTime()), { provider, model }, at);
    return amountToHold(
      costOf(price, { inputTokens: maxInputTokens, cachedInputTokens: 0, outputTokens: maxOutputTokens }),
    );
  };
};
export type HoldPricing = ReturnType<typeof createHoldPricing>;
