import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { CreditLot } from './credit.ts';

export interface Credit extends CreditLot {
  readonly workspaceId: string;
}
export const CreditEntity = new EntitySchema<Credit>({
  name: 'Credit',
  tableName: 'credits',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    reference: { type: 'text' },
    kind: { type: 'text' },
    priority: { type: 'integer' },
    amount: amountColumn,
    remaining: amountColumn,
    expired: amountColumn,
    expiresAt: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
