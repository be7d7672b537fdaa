import { nobody, type Spender } from '../budgets/budget.ts';
import type { Spending } from '../budgets/spending.ts';
import type { LedgerCommand } from '../ledger/ledger.commands.ts';
import { accountOpening, type Carried } from '../ledger/ledger.desk.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import type { Books } from '../ledger/ledger.ts';
import type { HoldStore } from './hold.store.ts';

type Of<Verb extends LedgerCommand['verb']> = Extract<LedgerCommand, { verb: Verb }>;

/**
 * Commands to the books of a workspace that watches its spending: budgets, credit that expires, top-ups and a low
 * balance are seen to in the transaction that moves the money, with the books locked from its beginning.
 */
export const createWatchedService = (parts: {
  ledger: LedgerService;
  holds: HoldStore;
  spending: Spending;
  userId: string | undefined;
}) => {
  const { ledger, holds, spending, userId } = parts;

  const lock = async (): Promise<Books> => {
    const books = await ledger.lock();
    if (!books) throw accountOpening();
    return books;
  };

  const hold = async (command: Of<'hold'>): Promise<Carried> => {
    if (!(await holds.findByReference(command.reference))) {
      await spending.ready(await lock());
      const carried = await ledger.carryOut(command);
      await spending.held({ ...command.spender, id: command.holdId, amount: command.amount });
      return carried;
    }
    return ledger.carryOut(command);
  };

  const settle = async (command: Of<'capture'> | Of<'release' | 'expire'>): Promise<Carried> => {
    const before = await holds.find(command.holdId);
    const carried = await ledger.carryOut(command);
    const after = await holds.find(command.holdId);
    const moved = before && after && (before.status !== after.status || before.captured !== after.captured);
    if (moved) await spending.paid(await lock(), after, after.captured - before.captured, after.id, after.remaining);
    return carried;
  };

  const charge = async (command: Of<'charge' | 'entry'>): Promise<Carried> => {
    await spending.ready(await lock());
    const carried = await ledger.carryOut(command);
    const spender: Spender = { ...nobody, userId: userId ?? null };
    if (carried.before) return carried;
    // What was booked before is answered, whatever the budgets say today; what is refused here is undone.
    await spending.asked(spender, command.amount);
    await spending.paid(await lock(), spender, command.amount);
    return carried;
  };

  return {
    async carryOut(command: LedgerCommand): Promise<Carried> {
      await lock();
      switch (command.verb) {
        case 'hold':
          return hold(command);
        case 'charge':
        case 'entry':
          return charge(command);
        default:
          return settle(command);
      }
    },
  };
};
