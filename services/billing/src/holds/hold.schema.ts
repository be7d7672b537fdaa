import { HoldView as View } from '@atrium/contracts';
import type { z } from 'zod';
import { toWire } from '../ledger/money.ts';
import type { Hold } from './hold.entity.ts';

export const HoldView = View.meta({ id: 'BillingHold' });

export const presentHold = ({
  id,
  reference,
  amount,
  currency,
  status,
  expiresAt,
}: Hold): z.input<typeof HoldView> => ({
  id,
  reference,
  amount: toWire(amount),
  currency,
  status,
  expiresAt: expiresAt.toISOString(),
});
