import { SpendingTags } from '@atrium/contracts';
import { PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { groupNames, isGroupName, MOST_GROUPS } from './usage.groups.ts';
import type { UsageRecord } from './usage.entity.ts';
import type { UsageGroup } from './usage.store.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const Moment = z
  .string()
  .refine(
    (text) =>
      DAY.test(text) ? !Number.isNaN(Date.parse(text)) : z.iso.datetime({ offset: true }).safeParse(text).success,
    'Write a day such as 2026-11-01, which begins at midnight of the workspace, or a moment of RFC 3339.',
  );

const asked = {
  /** One or several of them with commas between: `user,model`, `tag:team`. */
  groupBy: z
    .string()
    .max(300)
    .transform((text) => text.split(',').map((name) => name.trim()))
    .refine(
      (names) => names.every(isGroupName) && new Set(names).size === names.length && names.length <= MOST_GROUPS,
      `Use up to ${MOST_GROUPS} of ${groupNames.join(', ')} or tag:<name>, each once, with commas between.`,
    )
    .optional(),
  /** Sums by day or month of the workspace's zone, before the groups. */
  bucket: z.enum(['day', 'month']).optional(),
  from: Moment.optional(),
  /** Not included. */
  to: Moment.optional(),
};
export const UsageQuery = PageQuery.extend(asked);
export type UsageQuery = z.output<typeof UsageQuery>;
export const UsageFileQuery = z.strictObject(asked);

export const UsageView = z
  .object({
    id: z.uuid(),
    runId: z.uuid().nullable(),
    holdId: z.uuid().nullable(),
    conversationId: z.uuid().nullable(),
    agentId: z.uuid().nullable(),
    documentId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    apiKeyId: z.uuid().nullable(),
    tags: SpendingTags,
    provider: z.string(),
    model: z.string(),
    /** `tokens` of a run, or what `quantity` counts. */
    unit: z.string(),
    quantity: z.int(),
    inputTokens: z.int(),
    cachedInputTokens: z.int(),
    outputTokens: z.int(),
    /** True when the provider reported nothing and the tokens were counted here. */
    estimated: z.boolean(),
    /** The price that was applied: its row in the price book, and micro-units for a million tokens or units. */
    price: z.object({
      listedAs: z.string(),
      input: z.int(),
      cachedInput: z.int(),
      output: z.int(),
      unit: z.int(),
    }),
    /** Micro-units. */
    cost: z.int(),
    /** What was paid; below the cost when neither hold nor wallet had enough. */
    charged: z.int(),
    currency: z.string(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'BillingUsage' });

export const UsageGroupView = z
  .object({
    /** What was asked to be grouped by; null where usage has none of it. */
    group: z.record(z.string(), z.string().nullable()),
    records: z.int(),
    inputTokens: z.int(),
    cachedInputTokens: z.int(),
    outputTokens: z.int(),
    /** Micro-units. */
    cost: z.int(),
    charged: z.int(),
    currency: z.string(),
  })
  .meta({ id: 'BillingUsageGroup' });

export const presentUsage = (record: UsageRecord): z.input<typeof UsageView> => ({
  ...record,
  quantity: toWire(record.quantity),
  price: {
    listedAs: record.listedAs,
    input: toWire(record.inputPrice),
    cachedInput: toWire(record.cachedInputPrice),
    output: toWire(record.outputPrice),
    unit: toWire(record.unitPrice),
  },
  cost: toWire(record.cost),
  charged: toWire(record.charged),
  createdAt: record.createdAt.toISOString(),
});

export const presentGroup = (names: readonly string[], group: UsageGroup): z.input<typeof UsageGroupView> => ({
  group: Object.fromEntries(names.map((name, at) => [name, group.keys[at] ?? null])),
  records: group.records,
  inputTokens: toWire(group.inputTokens),
  cachedInputTokens: toWire(group.cachedInputTokens),
  outputTokens: toWire(group.outputTokens),
  cost: toWire(group.cost),
  charged: toWire(group.charged),
  currency: CURRENCY,
});
