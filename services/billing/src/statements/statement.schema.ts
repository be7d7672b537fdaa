import { z } from 'zod';
import { accountKinds, entryKinds } from '../ledger/ledger.ts';
import { CURRENCY, toWire } from '../ledger/money.ts';
import type { Sheet } from './statement.ts';

/** Micro-units of the books' currency. */
const Micros = z.int();

export const StatementView = z
  .object({
    /** A calendar month in UTC. */
    month: z.string(),
    currency: z.string(),
    /** The entries it is about: this place in the journal and up to that one. */
    firstSeq: z.int(),
    lastSeq: z.int(),
    /** What was the workspace's own: spendable and set aside, less what it owed. */
    opening: Micros,
    movements: z.array(z.object({ kind: z.enum(entryKinds), entries: z.int(), amount: Micros })),
    closing: Micros,
    accounts: z.array(z.object({ kind: z.enum(accountKinds), opening: Micros, change: Micros, closing: Micros })),
    usage: z.array(
      z.object({
        provider: z.string(),
        model: z.string(),
        answers: z.int(),
        inputTokens: z.int(),
        cachedInputTokens: z.int(),
        outputTokens: z.int(),
        cost: Micros,
        charged: Micros,
      }),
    ),
    closedAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingStatement' });
export type StatementView = z.output<typeof StatementView>;

export const presentSheet = (sheet: Sheet) => ({
  currency: CURRENCY,
  opening: toWire(sheet.opening),
  movements: sheet.movements.map((one) => ({ ...one, amount: toWire(one.amount) })),
  closing: toWire(sheet.closing),
  accounts: sheet.accounts.map(({ kind, opening, change, closing }) => ({
    kind,
    opening: toWire(opening),
    change: toWire(change),
    closing: toWire(closing),
  })),
});
