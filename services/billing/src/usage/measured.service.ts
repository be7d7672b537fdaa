import type { DocumentUsageMeasured } from '@atrium/contracts';
import type { z } from 'zod';
import { nobody } from '../budgets/budget.ts';
import type { Spending } from '../budgets/spending.ts';
import { chargeEntry } from '../ledger/ledger.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { CURRENCY, smaller } from '../ledger/money.ts';
import { chooseUnitPrice } from '../prices/price.ts';
import type { PriceStore } from '../prices/price.store.ts';
import { costOfCount, pricedAs } from '../prices/price.units.ts';
import { splitCharge } from './usage.ts';
import type { UsageStore } from './usage.store.ts';

type Measured = z.output<(typeof DocumentUsageMeasured)['data']>;

/** Prices and charges what was measured outside of runs; the wallet pays as far as it goes. Once a reference. */
export const createMeasuredUsage = (parts: {
  ledger: LedgerService;
  prices: PriceStore;
  usage: UsageStore;
  spending: Spending;
  now: () => Date;
  newId: () => string;
}) => {
  const { ledger, prices, usage, spending, now, newId } = parts;
  return {
    async record({ reference, documentId, userId, items: measured }: Measured): Promise<void> {
      const at = now();
      const books = await ledger.openAndLock();
      if (await usage.isMeasured(reference)) return;
      const items = [];
      for (const { unit, provider, model, quantity } of measured) {
        const listed = await prices.listed(provider, model);
        const { perMillion, listedAs } = chooseUnitPrice(listed, { provider, model }, pricedAs[unit].unit, at);
        const cost = costOfCount(unit, BigInt(quantity), perMillion);
        items.push({ unit, provider, model, quantity: BigInt(quantity), unitPrice: perMillion, listedAs, cost });
      }
      const costs = items.map(({ cost }) => cost);
      const cost = costs.reduce((sum, one) => sum + one, 0n);
      const paid = smaller(cost, books.wallet);
      const after = paid > 0n ? await ledger.post(books, chargeEntry(reference, paid, 'Documents')) : books;
      // Also when nothing could be paid: an empty wallet is told of, and topped up.
      if (cost > 0n) await spending.paid(after, { ...nobody, userId }, paid);
      const shares = splitCharge(costs, paid);
      await usage.add(
        items.map((item, ordinal) => ({
          ...item,
          ...{
            id: newId(),
            reference,
            ordinal,
            documentId,
            userId,
            estimated: false,
            currency: CURRENCY,
            createdAt: at,
          },
          ...{ runId: null, holdId: null, conversationId: null, agentId: null, apiKeyId: null, tags: {} },
          ...{ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
          ...{ inputPrice: 0n, cachedInputPrice: 0n, outputPrice: 0n },
          charged: shares[ordinal] ?? 0n,
        })),
      );
    },
  };
};
export type MeasuredUsage = ReturnType<typeof createMeasuredUsage>;
