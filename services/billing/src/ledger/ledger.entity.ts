import { EntitySchema } from 'typeorm';
import type { AccountKind, AccountSide, EntryKind } from './ledger.ts';
import { amountColumn } from './money.column.ts';

export interface Account {
  id: string;
  workspaceId: string;
  kind: AccountKind;
  side: AccountSide;
  currency: string;
  balance: bigint;
  createdAt: Date;
}
export const AccountEntity = new EntitySchema<Account>({
  name: 'Account',
  tableName: 'accounts',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    kind: { type: 'text' },
    side: { type: 'text' },
    currency: { type: 'text' },
    balance: amountColumn,
    createdAt: { type: 'timestamptz' },
  },
});

export interface Entry {
  id: string;
  workspaceId: string;
  /** Place in the workspace's journal, from 1 without gaps. */
  seq: bigint;
  kind: EntryKind;
  reference: string;
  description: string;
  createdAt: Date;
}
export const EntryEntity = new EntitySchema<Entry>({
  name: 'Entry',
  tableName: 'entries',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    seq: amountColumn,
    kind: { type: 'text' },
    reference: { type: 'text' },
    description: { type: 'text' },
    createdAt: { type: 'timestamptz' },
  },
});
