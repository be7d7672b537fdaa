import { z } from 'zod';
import { toWire } from '../ledger/money.ts';
import type { UsageRecord } from './usage.entity.ts';

export const UsageView = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    holdId: z.uuid().nullable(),
    conversationId: z.uuid(),
    agentId: z.uuid(),
    provider: z.string(),
    model: z.string(),
    inputTokens: z.int(),
    cachedInputTokens: z.int(),
    outputTokens: z.int(),
    /** True when the provider reported nothing and the tokens were counted here. */
    estimated: z.boolean(),
    /** The price that was applied: its row in the price book, and micro-units for a million tokens. */
    price: z.object({ listedAs: z.string(), input: z.int(), cachedInput: z.int(), output: z.int() }),
    /** Micro-units. */
    cost: z.int(),
    /** What was paid; below the cost when neither hold nor wallet had enough. */
    charged: z.int(),
    currency: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingUsage' });

export const presentUsage = (record: UsageRecord): z.input<typeof UsageView> => ({
  ...record,
  price: {
    listedAs: record.listedAs,
    input: toWire(record.inputPrice),
    cachedInput: toWire(record.cachedInputPrice),
    output: toWire(record.outputPrice),
  },
  cost: toWire(record.cost),
  charged: toWire(record.charged),
  createdAt: record.createdAt.toISOString(),
});
