import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { BudgetRule, Used } from './budget.ts';

export interface Budget extends BudgetRule {
  readonly id: string;
  readonly workspaceId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
export const BudgetEntity = new EntitySchema<Budget>({
  name: 'Budget',
  tableName: 'budgets',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    scope: { type: 'text' },
    subject: { type: 'uuid', nullable: true },
    period: { type: 'text' },
    amount: amountColumn,
    mode: { type: 'text' },
    createdAt: { type: 'timestamptz' },
    updatedAt: { type: 'timestamptz' },
  },
});

/** The counter of a budget in one period. */
export interface BudgetPeriod extends Used {
  readonly workspaceId: string;
  readonly budgetId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** The highest share that was told, in per cent. */
  readonly told: number;
}
export const BudgetPeriodEntity = new EntitySchema<BudgetPeriod>({
  name: 'BudgetPeriod',
  tableName: 'budget_periods',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    budgetId: { type: 'uuid', primary: true },
    startsAt: { type: 'timestamptz', primary: true },
    endsAt: { type: 'timestamptz' },
    reserved: amountColumn,
    spent: amountColumn,
    told: { type: 'integer' },
  },
});

/** What one hold has set aside of a budget. */
export interface BudgetReservation {
  readonly workspaceId: string;
  readonly holdId: string;
  readonly budgetId: string;
  readonly startsAt: Date;
  readonly amount: bigint;
}
export const BudgetReservationEntity = new EntitySchema<BudgetReservation>({
  name: 'BudgetReservation',
  tableName: 'budget_reservations',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    holdId: { type: 'uuid', primary: true },
    budgetId: { type: 'uuid', primary: true },
    startsAt: { type: 'timestamptz' },
    amount: amountColumn,
  },
});
