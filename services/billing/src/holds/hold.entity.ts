import type { SpendingTags } from '@atrium/contracts';
import { EntitySchema } from 'typeorm';
import { amountColumn, countColumn } from '../ledger/money.column.ts';
import type { HoldStatus } from './hold.ts';

export interface Hold {
  id: string;
  workspaceId: string;
  reference: string;
  provider: string;
  model: string;
  maxInputTokens: number;
  maxOutputTokens: number;
  agentId: string | null;
  userId: string | null;
  apiKeyId: string | null;
  tags: SpendingTags;
  amount: bigint;
  /** What was spent in the end; above the amount when the wallet paid the rest. */
  captured: bigint;
  /** What is still set aside; nothing once it is not open. */
  remaining: bigint;
  /** How often money was captured. */
  captures: number;
  currency: string;
  status: HoldStatus;
  expiresAt: Date;
  createdAt: Date;
  /** When it stopped being open. */
  settledAt: Date | null;
}
export const HoldEntity = new EntitySchema<Hold>({
  name: 'Hold',
  tableName: 'holds',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    reference: { type: 'text' },
    provider: { type: 'text' },
    model: { type: 'text' },
    maxInputTokens: countColumn,
    maxOutputTokens: countColumn,
    agentId: { type: 'uuid', nullable: true },
    userId: { type: 'uuid', nullable: true },
    apiKeyId: { type: 'uuid', nullable: true },
    tags: { type: 'jsonb' },
    amount: amountColumn,
    captured: amountColumn,
    remaining: amountColumn,
    captures: { type: 'integer' },
    currency: { type: 'text' },
    status: { type: 'text' },
    expiresAt: { type: 'timestamptz' },
    createdAt: { type: 'timestamptz' },
    settledAt: { type: 'timestamptz', nullable: true },
  },
});
