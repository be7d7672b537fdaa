import type { SpendingTags } from '@atrium/contracts';
import { EntitySchema } from 'typeorm';
import { amountColumn, countColumn } from '../ledger/money.column.ts';
import type { MeasuredUnit } from '../prices/price.units.ts';

/** What one answer of a run consumed, or something else that was measured, and what it cost at the price of that moment. */
export interface UsageRecord {
  id: string;
  workspaceId: string;
  /** The run; null for what was measured outside of runs. */
  runId: string | null;
  /** Names what was measured outside of runs, once. */
  reference: string | null;
  /** Place in the run or the measurement, from 0. */
  ordinal: number;
  holdId: string | null;
  conversationId: string | null;
  agentId: string | null;
  documentId: string | null;
  userId: string | null;
  apiKeyId: string | null;
  tags: SpendingTags;
  provider: string;
  model: string;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** What `quantity` counts; of runs tokens are counted above. */
  unit: 'tokens' | MeasuredUnit;
  quantity: bigint;
  /** Micro-units for a million of what the unit is priced as; 0 for runs. */
  unitPrice: bigint;
  estimated: boolean;
  listedAs: string;
  /** Micro-units for a million tokens. */
  inputPrice: bigint;
  cachedInputPrice: bigint;
  outputPrice: bigint;
  cost: bigint;
  /** What was paid; below the cost when neither hold nor wallet had enough. */
  charged: bigint;
  currency: string;
  createdAt: Date;
}
export const UsageEntity = new EntitySchema<UsageRecord>({
  name: 'UsageRecord',
  tableName: 'usage_records',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    runId: { type: 'uuid', nullable: true },
    reference: { type: 'text', nullable: true },
    ordinal: { type: 'integer' },
    holdId: { type: 'uuid', nullable: true },
    conversationId: { type: 'uuid', nullable: true },
    agentId: { type: 'uuid', nullable: true },
    documentId: { type: 'uuid', nullable: true },
    userId: { type: 'uuid', nullable: true },
    apiKeyId: { type: 'uuid', nullable: true },
    tags: { type: 'jsonb' },
    provider: { type: 'text' },
    model: { type: 'text' },
    inputTokens: countColumn,
    cachedInputTokens: countColumn,
    outputTokens: countColumn,
    unit: { type: 'text' },
    quantity: amountColumn,
    unitPrice: amountColumn,
    estimated: { type: 'boolean' },
    listedAs: { type: 'text' },
    inputPrice: amountColumn,
    cachedInputPrice: amountColumn,
    outputPrice: amountColumn,
    cost: amountColumn,
    charged: amountColumn,
    currency: { type: 'text' },
    createdAt: { type: 'timestamptz' },
  },
});
