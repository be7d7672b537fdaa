import { EntitySchema } from 'typeorm';
import { amountColumn, countColumn } from '../ledger/money.column.ts';

/** What one answer of a run consumed, and what it cost at the price of that moment. */
export interface UsageRecord {
  id: string;
  workspaceId: string;
  runId: string;
  /** Place in the run, from 0. */
  ordinal: number;
  holdId: string | null;
  conversationId: string;
  agentId: string;
  provider: string;
  model: string;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
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
    runId: { type: 'uuid' },
    ordinal: { type: 'integer' },
    holdId: { type: 'uuid', nullable: true },
    conversationId: { type: 'uuid' },
    agentId: { type: 'uuid' },
    provider: { type: 'text' },
    model: { type: 'text' },
    inputTokens: countColumn,
    cachedInputTokens: countColumn,
    outputTokens: countColumn,
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
