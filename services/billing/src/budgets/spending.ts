import type { Books } from '../ledger/ledger.ts';
import type { BalanceWatch } from '../settings/balance.watch.ts';
import type { Spender } from './budget.ts';
import type { BudgetService } from './budget.service.ts';

/** Whatever has to know that money moves; called with the books locked, inside the transaction that moves it. */
export interface Spending {
  /** Before money is promised: what has expired is taken out first. Returns the books as they are then. */
  ready(books: Books): Promise<Books>;
  /** Money is about to be spent without a hold. @throws DomainError 402 `budget.exceeded` */
  asked(spender: Spender, amount: bigint): Promise<void>;
  /** A hold was added. @throws DomainError 402 `budget.exceeded` */
  held(hold: Spender & { readonly id: string; readonly amount: bigint }): Promise<void>;
  /**
   * Something was paid of a hold or without one, or a hold ended.
   * @param books as they are after it
   * @param remaining what a hold that stays open still sets aside
   */
  paid(books: Books, spender: Spender, paid: bigint, holdId?: string, remaining?: bigint): Promise<void>;
}

export const createSpending = (parts: {
  budgets: BudgetService;
  watch: BalanceWatch;
  /** Takes out what has expired. */
  expire: (books: Books) => Promise<Books>;
  /** Tops the wallet up where a rule says so. */
  topUp: (books: Books) => Promise<void>;
}): Spending => {
  const { budgets, watch, expire, topUp } = parts;
  return {
    async ready(locked) {
      const books = await expire(locked);
      await watch.look(books);
      return books;
    },
    asked: (spender, amount) => budgets.ask(spender, amount),
    held: (hold) => budgets.reserve(hold.id, hold, hold.amount),
    async paid(books, spender, paid, holdId, remaining = 0n) {
      await budgets.settle(holdId, spender, paid, remaining);
      await watch.look(books);
      await topUp(books);
    },
  };
};
