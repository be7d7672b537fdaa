import { z } from 'zod';
import { defineCall } from '../call.ts';
import { SpendingTags } from '../spending.tags.ts';

/** Asks billing to set money aside before a run; `reference` makes it idempotent. Amounts in micro-units. */
export const PlaceHold = z.strictObject({
  reference: z.string().min(1).max(200),
  model: z.string().min(1),
  provider: z.string().min(1),
  maxInputTokens: z.int().nonnegative(),
  maxOutputTokens: z.int().nonnegative(),
  /** What the run belongs to: its budgets are asked, and its usage is grouped by them. */
  agentId: z.uuid().optional(),
  /** The API key that the run was started with. */
  apiKeyId: z.uuid().optional(),
  tags: SpendingTags.optional(),
});

export const HoldView = z.object({
  id: z.uuid(),
  reference: z.string(),
  amount: z.int().nonnegative(),
  currency: z.string(),
  status: z.enum(['open', 'captured', 'released', 'expired']),
  expiresAt: z.iso.datetime(),
});

export const placeHold = defineCall({
  service: 'billing',
  method: 'post',
  path: '/internal/holds',
  request: PlaceHold,
  response: HoldView,
});

/** Asks billing to spend of a hold; amounts in micro-units. */
export const CaptureHold = z.strictObject({
  amount: z.int().nonnegative(),
  /** The hold stays open with what is left of it; otherwise the rest is released. */
  keepRest: z.boolean().default(false),
  /** When hold and wallet have less than asked: `refuse` changes nothing, `limit` takes what there is. */
  overCapture: z.enum(['refuse', 'limit']).default('refuse'),
  description: z.string().min(1).max(200).optional(),
});

export const SettledHoldView = HoldView.extend({
  captured: z.int().nonnegative(),
  /** What is still set aside. */
  remaining: z.int().nonnegative(),
});

/** Asks billing to spend of the wallet what nothing was held for; `reference` makes it idempotent. */
export const ChargeWallet = z.strictObject({
  reference: z.string().min(1).max(200),
  amount: z.int().positive(),
  description: z.string().min(1).max(200),
});

export const ChargeView = z.object({
  id: z.uuid(),
  seq: z.int().positive(),
  kind: z.literal('charge'),
  reference: z.string(),
  amount: z.int().positive(),
  currency: z.string(),
});

export const BalanceView = z.object({
  currency: z.string(),
  /** What can be spent now. */
  available: z.int(),
  /** Set aside by open holds. */
  held: z.int(),
});

export const chargeWallet = defineCall({
  service: 'billing',
  method: 'post',
  path: '/internal/charges',
  request: ChargeWallet,
  response: ChargeView,
});

export const readBalance = defineCall({
  service: 'billing',
  method: 'get',
  path: '/api/v1/billing/balance',
  request: z.strictObject({}),
  response: BalanceView,
});
