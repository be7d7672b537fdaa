import type { PeriodKind } from '../settings/zone.ts';

export const budgetScopes = ['workspace', 'agent', 'user', 'api_key'] as const;
type BudgetScope = (typeof budgetScopes)[number];

/** Whether a budget stops spending or only tells of it. */
type BudgetMode = 'hard' | 'soft';

/** Who spends: what of it is known. */
export interface Spender {
  readonly agentId: string | null;
  readonly userId: string | null;
  readonly apiKeyId: string | null;
}

export const nobody: Spender = { agentId: null, userId: null, apiKeyId: null };

export interface BudgetRule {
  readonly scope: BudgetScope;
  /** The agent, user or API key; null for the whole workspace. */
  readonly subject: string | null;
  readonly period: PeriodKind;
  /** Micro-units for a period. */
  readonly amount: bigint;
  readonly mode: BudgetMode;
}

/** What of a budget is used in a period, in micro-units. */
export interface Used {
  readonly reserved: bigint;
  readonly spent: bigint;
}

/** Whether spending of somebody counts against a budget. */
export const counts = ({ scope, subject }: Pick<BudgetRule, 'scope' | 'subject'>, spender: Spender): boolean => {
  switch (scope) {
    case 'workspace':
      return true;
    case 'agent':
      return subject === spender.agentId;
    case 'user':
      return subject === spender.userId;
    case 'api_key':
      return subject === spender.apiKeyId;
  }
};

/** What may still be set aside; never below zero. */
export const leftOf = ({ amount }: Pick<BudgetRule, 'amount'>, { reserved, spent }: Used): bigint => {
  const left = amount - reserved - spent;
  return left > 0n ? left : 0n;
};

/** Whether a budget lets an amount be set aside. A soft one always does. */
export const allows = (budget: Pick<BudgetRule, 'amount' | 'mode'>, used: Used, amount: bigint): boolean =>
  budget.mode === 'soft' || used.reserved + used.spent + amount <= budget.amount;

/** The shares of a budget that are told, in per cent. */
export const thresholds = [50, 80, 100] as const;

/** The highest of them that was reached; 0 for none. */
export const reachedOf = (spent: bigint, amount: bigint): number =>
  thresholds.reduce((reached: number, percent) => (spent * 100n >= amount * BigInt(percent) ? percent : reached), 0);

/** Those that were reached and not told yet, in order. @param told the highest that was told in the period */
export const toTell = (spent: bigint, amount: bigint, told: number): number[] =>
  thresholds.filter((percent) => percent > told && percent <= reachedOf(spent, amount));

/** Whether both are the same budget, whatever it allows. */
export const isSame = (one: BudgetRule, other: BudgetRule): boolean =>
  one.scope === other.scope && one.subject === other.subject && one.period === other.period;

/** How a budget is called in a message. */
export const nameOf = ({ scope, period }: Pick<BudgetRule, 'scope' | 'period'>): string =>
  `${period} budget of the ${scope === 'api_key' ? 'API key' : scope}`;
