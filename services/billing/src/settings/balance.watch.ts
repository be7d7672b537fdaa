import { BalanceExhausted, BalanceLow } from '@atrium/contracts';
import type { Outbox } from '@atrium/service-kit';
import type { Books } from '../ledger/ledger.ts';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { crossing, nextState, type BalanceState } from './balance.ts';
import type { SettingsStore } from './settings.store.ts';

/** Tells when money becomes short; each crossing once. Works on locked books, so nobody tells it twice. */
export const createBalanceWatch = (parts: {
  settings: SettingsStore;
  outbox: Outbox;
  workspaceId: string;
  /** Below this a balance is low, where the workspace set nothing else; micro-units. */
  lowBalance: bigint;
}) => {
  const { settings, outbox, workspaceId, lowBalance } = parts;

  const become = async (
    books: Books,
    choose: (before: BalanceState, unspent: bigint, threshold: bigint) => BalanceState,
  ): Promise<void> => {
    const { balanceState: before, lowBalance: own } = await settings.read();
    const threshold = own ?? lowBalance;
    const unspent = books.wallet + books.held;
    const after = choose(before, unspent, threshold);
    if (after === before) return;
    await settings.change({ balanceState: after });
    const told = crossing(before, after);
    if (told)
      await outbox.add(told === 'low' ? BalanceLow : BalanceExhausted, workspaceId, {
        balance: toWire(unspent),
        threshold: toWire(threshold),
        currency: CURRENCY,
      });
  };

  return {
    /** Looks at the books after money moved. */
    look: (books: Books): Promise<void> => become(books, nextState),
    /** A run was refused for want of money: when little is left, that is as good as nothing. */
    refused: (books: Books): Promise<void> =>
      become(books, (before, unspent, threshold) => (unspent < threshold ? 'exhausted' : before)),
  };
};
export type BalanceWatch = ReturnType<typeof createBalanceWatch>;
