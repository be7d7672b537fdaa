import { z } from 'zod';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { creditKinds, type CreditLot } from './credit.ts';

const CreditView = z
  .object({
    id: z.uuid(),
    kind: z.enum(creditKinds),
    /** Used up before those with a higher one; among equals what expires first. */
    priority: z.int(),
    /** Micro-units. */
    amount: z.int(),
    remaining: z.int(),
    expired: z.int(),
    currency: z.string(),
    expiresAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingCredit' });

export const CreditsView = z.object({ data: z.array(CreditView) }).meta({ id: 'BillingCredits' });

export const presentCredit = (lot: CreditLot): z.input<typeof CreditView> => ({
  ...lot,
  amount: toWire(lot.amount),
  remaining: toWire(lot.remaining),
  expired: toWire(lot.expired),
  currency: CURRENCY,
  expiresAt: lot.expiresAt?.toISOString() ?? null,
  createdAt: lot.createdAt.toISOString(),
});
