/** When the wallet is topped up by itself; amounts in micro-units. */
export interface TopUpRule {
  readonly enabled: boolean;
  /** Below this the wallet is topped up. */
  readonly threshold: bigint;
  readonly amount: bigint;
  readonly mostPerDay: bigint;
  readonly mostPerMonth: bigint;
}

/** What was asked for before. */
export interface TopUpsSoFar {
  /** Somebody has to do something first. */
  readonly paused: boolean;
  /** One that has not ended. */
  readonly pending: boolean;
  /** The last one came to nothing a short while ago. */
  readonly failedLately: boolean;
  /** Asked for and not failed, in this day and month. */
  readonly today: bigint;
  readonly thisMonth: bigint;
}

export type TopUpDecision =
  | { readonly amount: bigint }
  | { readonly not: 'off' | 'enough' | 'paused' | 'pending' | 'failed_lately' | 'day_limit' | 'month_limit' };

/** Whether to ask for a top-up now: one at a time, within its limits, and not again at once after one that failed. */
export const decideTopUp = (rule: TopUpRule | null, wallet: bigint, soFar: TopUpsSoFar): TopUpDecision => {
  if (!rule?.enabled) return { not: 'off' };
  if (wallet >= rule.threshold) return { not: 'enough' };
  if (soFar.paused) return { not: 'paused' };
  if (soFar.pending) return { not: 'pending' };
  if (soFar.failedLately) return { not: 'failed_lately' };
  if (soFar.today + rule.amount > rule.mostPerDay) return { not: 'day_limit' };
  if (soFar.thisMonth + rule.amount > rule.mostPerMonth) return { not: 'month_limit' };
  return { amount: rule.amount };
};

/** What a rule needs of whoever charges cards. */
export interface Charging {
  /** Whether somebody charges cards here at all. */
  readonly available: boolean;
  /** Whether another card than this one would be charged by now. */
  replaced(methodId: string): Promise<boolean>;
  /** @throws DomainError 409 without a card or a currency, 422 for an amount that cannot be paid */
  check(amount: bigint): Promise<void>;
}
