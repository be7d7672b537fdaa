import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { BalanceState } from './balance.ts';

/** What a workspace's spending goes by. */
export interface SpendingSettings {
  workspaceId: string;
  /** IANA zone whose days and months budgets and plans follow. */
  timeZone: string;
  /** Below this the balance is low; null: the setting of the house. */
  lowBalance: bigint | null;
  balanceState: BalanceState;
  /** How far the journal has been counted against the credits. */
  creditedSeq: bigint;
  createdAt: Date;
}
export const SpendingSettingsEntity = new EntitySchema<SpendingSettings>({
  name: 'SpendingSettings',
  tableName: 'spending_settings',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    timeZone: { type: 'text' },
    lowBalance: {
      type: 'bigint',
      nullable: true,
      transformer: {
        from: (text: string | null) => (text === null ? null : BigInt(text)),
        to: (amount: bigint | null) => (amount === null ? null : String(amount)),
      },
    },
    balanceState: { type: 'text' },
    creditedSeq: amountColumn,
    createdAt: { type: 'timestamptz' },
  },
});
