import type { PlaceHold } from '@atrium/contracts';
import { DomainError, invalid, unavailable, type JobQueue } from '@atrium/service-kit';
import type { z } from 'zod';
import { holdEntry, releaseEntry } from '../ledger/ledger.ts';
import type { Spending } from '../budgets/spending.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { CURRENCY, inWords, LARGEST_AMOUNT, toWire } from '../ledger/money.ts';
import { choosePrice, costOf } from '../prices/price.ts';
import type { PriceStore } from '../prices/price.store.ts';
import type { Hold } from './hold.entity.ts';
import { expireHold } from './hold.expiry.ts';
import type { HoldStore } from './hold.store.ts';
import { amountToHold } from './hold.ts';

type Asked = z.output<typeof PlaceHold>;

const asksTheSame = (hold: Hold, asked: Asked): boolean =>
  hold.provider === asked.provider &&
  hold.model === asked.model &&
  hold.maxInputTokens === asked.maxInputTokens &&
  hold.maxOutputTokens === asked.maxOutputTokens;

/** Sets money aside before it is spent. The books are locked first, so holds of a workspace go one after another. */
export const createHoldService = (parts: {
  ledger: LedgerService;
  holds: HoldStore;
  prices: PriceStore;
  jobs: JobQueue;
  spending: Spending;
  userId: string | undefined;
  now: () => Date;
  newId: () => string;
  holdSeconds: number;
}) => {
  const { ledger, holds, prices, jobs, spending, userId, now, newId, holdSeconds } = parts;

  const amountFor = async ({ provider, model, maxInputTokens, maxOutputTokens }: Asked, at: Date): Promise<bigint> => {
    const price = choosePrice(await prices.listed(provider, model), { provider, model }, at);
    const tokens = { inputTokens: maxInputTokens, cachedInputTokens: 0, outputTokens: maxOutputTokens };
    const amount = amountToHold(costOf(price, tokens));
    if (amount > LARGEST_AMOUNT) throw invalid('hold.too_large', 'No balance covers that many tokens. Ask for fewer.');
    return amount;
  };

  return {
    /**
     * Holds what a run may cost at most. The same reference returns the same hold, whatever became of it.
     * @throws DomainError 402 `billing.insufficient_funds`, 422 `hold.reference_mismatch` or `hold.too_large`,
     * 503 `billing.account_opening` while the workspace is not known here yet
     */
    async place(asked: Asked): Promise<Hold> {
      const locked = await ledger.lock();
      if (!locked)
        throw unavailable('billing.account_opening', "The workspace's account is being opened. Try again shortly.");
      const known = await holds.findByReference(asked.reference);
      if (known && !asksTheSame(known, asked))
        throw invalid('hold.reference_mismatch', 'This reference was used for a hold of another model or size.');
      if (known) return known;
      const at = now();
      const amount = await amountFor(asked, at);
      const books = await spending.ready(locked);
      if (books.wallet < amount)
        throw new DomainError(
          'billing.insufficient_funds',
          402,
          `This may cost up to ${inWords(amount)}, and the balance is ${inWords(books.wallet)}. Add credit and try again.`,
          { extra: { required: toWire(amount), available: toWire(books.wallet) } },
        );
      const hold = await holds.add({
        ...asked,
        agentId: asked.agentId ?? null,
        userId: userId ?? null,
        apiKeyId: asked.apiKeyId ?? null,
        tags: asked.tags ?? {},
        id: newId(),
        amount,
        captured: 0n,
        currency: CURRENCY,
        status: 'open',
        expiresAt: new Date(at.getTime() + holdSeconds * 1000),
        createdAt: at,
        settledAt: null,
      });
      await spending.held(hold);
      await ledger.post(books, holdEntry(hold.id, amount, `Held for ${asked.provider}/${asked.model}`));
      await jobs.add(expireHold, { holdId: hold.id }, { key: hold.id, runAt: hold.expiresAt });
      return hold;
    },

    /** Gives a hold back that is still open; its time is over. */
    async expire(id: string): Promise<void> {
      const books = await ledger.lock();
      const hold = await holds.find(id);
      if (!books || hold?.status !== 'open') return;
      const after = await ledger.post(books, releaseEntry(id, hold.amount, 'Hold expired'));
      await holds.close(id, { status: 'expired', captured: 0n, settledAt: now() });
      await spending.paid(after, hold, 0n, id);
    },
  };
};
export type HoldService = ReturnType<typeof createHoldService>;
