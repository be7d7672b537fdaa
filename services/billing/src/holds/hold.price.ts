import { apartFromRequest, type Tenant } from '@atrium/service-kit';
import { choosePrice, costOf, type ListedPrice } from '../prices/price.ts';
import { amountToHold } from './hold.ts';

const KEPT_MS = 10_000;
const MOST = 20_000;

/** What a run may use at most. */
export interface Usage {
  readonly provider: string;
  readonly model: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
}

/**
 * Prices what a run may use at most. The price book is asked once in ten seconds for a workspace and model: a price has
 * a date from which it is valid, so it is there long before that.
 */
export const createHoldPricing = (parts: {
  listed: (tenant: Tenant, provider: string, model: string) => Promise<ListedPrice[]>;
  now: () => Date;
}) => {
  const known = new Map<string, { until: number; prices: Promise<ListedPrice[]> }>();
  const listed = (tenant: Tenant, provider: string, model: string, at: number): Promise<ListedPrice[]> => {
    const name = JSON.stringify([tenant.workspaceId, provider, model]);
    const found = known.get(name);
    if (found && found.until > at) return found.prices;
    if (known.size >= MOST) known.clear();
    // Whoever comes meanwhile waits for it too, so it must not end with the client that asked first.
    const prices = apartFromRequest(() => parts.listed(tenant, provider, model));
    known.set(name, { until: at + KEPT_MS, prices });
    prices.catch(() => known.delete(name));
    return prices;
  };
  const priceOf = async (
    tenant: Tenant,
    { provider, model, maxInputTokens, maxOutputTokens }: Usage,
  ): Promise<bigint> => {
    const at = parts.now();
    const price = choosePrice(await listed(tenant, provider, model, at.getTime()), { provider, model }, at);
    return amountToHold(
      costOf(price, { inputTokens: maxInputTokens, cachedInputTokens: 0, outputTokens: maxOutputTokens }),
    );
  };
  return {
    priceOf,
    /** A workspace set prices of its own. Other replicas learn of them when what they know is ten seconds old. */
    forget({ workspaceId }: Tenant): void {
      for (const name of known.keys()) if (name.startsWith(`["${workspaceId}"`)) known.delete(name);
    },
  };
};
export type HoldPricing = ReturnType<typeof createHoldPricing>['priceOf'];
