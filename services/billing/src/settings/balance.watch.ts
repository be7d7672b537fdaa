import { BalanceExhausted, BalanceLow } from '@atrium/contracts';
import type { Outbox } from '@atrium/service-kit';
import type { Books } from '../ledger/ledger.ts';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { crossing, stateOf, type BalanceState } from './balance.ts';
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

  const become = async (books: Books, choose: (unspent: bigint, threshold: bigint) => BalanceState): Promise<void> => {
    const { balanceState: before, lowBalance: own } = await settings.read();
    const threshold = own ?? lowBalance;
    const unspent = books.wallet + books.held;
    const after = choose(unspent, threshold);
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
    look: (books: Books): Promise<void> => become(books, stateOf),
    /** A run was refused: what is left is not enough for anything that is asked. */
    refused: (books: Books): Promise<void> => become(books, () => 'exhausted'),
  };
};
export type BalanceWatch = ReturnType<typeof createBalanceWatch>;
