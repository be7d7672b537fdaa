import { HoldSettled, type RunUsage } from '@atrium/contracts';
import type { Logger, Outbox } from '@atrium/service-kit';
import { nobody } from '../budgets/budget.ts';
import type { Spending } from '../budgets/spending.ts';
import { captureEntry, chargeEntry, releaseEntry, type Books } from '../ledger/ledger.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { CURRENCY, smaller, toWire } from '../ledger/money.ts';
import { choosePrice, costOf } from '../prices/price.ts';
import type { PriceStore } from '../prices/price.store.ts';
import { splitCharge } from '../usage/usage.ts';
import type { UsageStore } from '../usage/usage.store.ts';
import type { Hold } from './hold.entity.ts';
import type { HoldStore } from './hold.store.ts';
import { planSettlement } from './hold.ts';

/** A run that ended, with what it consumed. */
export interface EndedRun {
  readonly runId: string;
  readonly conversationId: string;
  readonly agentId: string;
  readonly holdId: string | null;
  readonly usage: readonly RunUsage[];
}

/** Turns what a run consumed into money: captures its hold, releases the rest, and records the usage; once a run. */
export const createSettlementService = (parts: {
  ledger: LedgerService;
  holds: HoldStore;
  prices: PriceStore;
  usage: UsageStore;
  outbox: Outbox;
  spending: Spending;
  now: () => Date;
  newId: () => string;
  /** Told what was charged of each provider's calls. */
  spent: (provider: string, amount: bigint) => void;
  log: Pick<Logger, 'warn'>;
}) => {
  const { ledger, holds, prices, usage, outbox, spending, now, newId, spent, log } = parts;

  const priced = async (used: RunUsage, at: Date) => {
    const price = choosePrice(await prices.listed(used.provider, used.model), used, at);
    return { used, price, cost: costOf(price, used) };
  };

  /** A run that ended before it learned of its hold is found by its id, which is the reference it asked with. */
  const holdOf = async ({ holdId, runId }: EndedRun): Promise<Hold | null> => {
    const hold = await (holdId === null ? holds.findByReference(runId) : holds.find(holdId));
    if (holdId !== null && !hold)
      log.warn({ holdId, runId }, 'a run names a hold that is not here; its cost is taken from the wallet');
    return hold;
  };

  /** @returns what was paid, or undefined when the hold was settled before */
  const settleHold = async (books: Books, hold: Hold, cost: bigint): Promise<bigint | undefined> => {
    const plan = planSettlement(hold, books.wallet, cost);
    if (!plan) return undefined;
    let after = books;
    if (plan.captured > 0n) {
      const from = { held: plan.fromHeld, wallet: plan.fromWallet };
      const reference = hold.captures === 0 ? hold.id : `${hold.id}/${hold.captures + 1}`;
      after = await ledger.post(after, captureEntry(reference, from, `Spent on ${hold.provider}/${hold.model}`));
    }
    if (plan.released > 0n) after = await ledger.post(after, releaseEntry(hold.id, plan.released, 'Not needed'));
    const captured = hold.captured + plan.captured;
    const captures = hold.captures + (plan.captured > 0n ? 1 : 0);
    await holds.close(hold.id, { status: plan.status, captured, captures, settledAt: now() });
    await outbox.add(HoldSettled, hold.id, {
      holdId: hold.id,
      reference: hold.reference,
      captured: toWire(captured),
      released: toWire(hold.status === 'expired' ? hold.amount : plan.released),
      currency: CURRENCY,
    });
    await spending.paid(after, hold, plan.captured, hold.id);
    return plan.captured;
  };

  const charge = async (books: Books, run: EndedRun, cost: bigint): Promise<bigint> => {
    const paid = smaller(cost, books.wallet);
    const after = paid > 0n ? await ledger.post(books, chargeEntry(run.runId, paid, 'Spent without a hold')) : books;
    // Also when nothing could be paid: an empty wallet is told of, and topped up.
    if (cost > 0n) await spending.paid(after, { ...nobody, agentId: run.agentId }, paid);
    return paid;
  };

  return {
    async settle(run: EndedRun): Promise<void> {
      const at = now();
      const books = await ledger.openAndLock();
      if (await usage.isRecorded(run.runId)) return;
      const items: Awaited<ReturnType<typeof priced>>[] = [];
      for (const used of run.usage) items.push(await priced(used, at));
      const cost = items.reduce((sum, item) => sum + item.cost, 0n);
      const hold = await holdOf(run);
      const paid = hold ? await settleHold(books, hold, cost) : await charge(books, run, cost);
      if (paid === undefined) return;
      const shares = splitCharge(
        items.map((item) => item.cost),
        paid,
      );
      items.forEach(({ used }, ordinal) => spent(used.provider, shares[ordinal] ?? 0n));
      await usage.add(
        items.map(({ used, price, cost: itemCost }, ordinal) => ({
          ...used,
          id: newId(),
          runId: run.runId,
          ordinal,
          holdId: hold?.id ?? null,
          conversationId: run.conversationId,
          agentId: run.agentId,
          documentId: null,
          reference: null,
          userId: hold?.userId ?? null,
          apiKeyId: hold?.apiKeyId ?? null,
          tags: hold?.tags ?? {},
          unit: 'tokens' as const,
          quantity: 0n,
          unitPrice: 0n,
          listedAs: price.listedAs,
          inputPrice: price.input,
          cachedInputPrice: price.cachedInput,
          outputPrice: price.output,
          cost: itemCost,
          charged: shares[ordinal] ?? 0n,
          currency: CURRENCY,
          createdAt: at,
        })),
      );
    },
  };
};
export type SettlementService = ReturnType<typeof createSettlementService>;
