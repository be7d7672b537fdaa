import { BudgetReached } from '@atrium/contracts';
import { DomainError, invalid, type Outbox } from '@atrium/service-kit';
import { CURRENCY, inWords, smaller, toWire } from '../ledger/money.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { periodAt, type Period } from '../settings/zone.ts';
import { allows, counts, isSame, leftOf, nameOf, reachedOf, toTell, type BudgetRule, type Spender } from './budget.ts';
import type { Budget, BudgetPeriod } from './budget.entity.ts';
import type { BudgetStore } from './budget.store.ts';

export const MOST_BUDGETS = 200;

/** A budget with its counter in the period that runs. */
export interface BudgetNow {
  readonly budget: Budget;
  readonly period: Period;
  readonly reserved: bigint;
  readonly spent: bigint;
}

/**
 * Budgets and their counters. A hold reserves in the same transaction that moves its money, on locked rows, so what
 * was let through never passes a hard budget; what a run pays counts in the period in which it was let through.
 */
export const createBudgetService = (parts: {
  budgets: BudgetStore;
  settings: SettingsStore;
  outbox: Outbox;
  now: () => Date;
  newId: () => string;
}) => {
  const { budgets, settings, outbox, now, newId } = parts;

  const tell = async (budget: Budget, counter: BudgetPeriod): Promise<void> => {
    const { spent, told, startsAt, endsAt } = counter;
    for (const percent of toTell(spent, budget.amount, told))
      await outbox.add(BudgetReached, budget.id, {
        budgetId: budget.id,
        scope: budget.scope,
        subject: budget.subject,
        period: budget.period,
        mode: budget.mode,
        percent,
        amount: toWire(budget.amount),
        spent: toWire(spent),
        currency: CURRENCY,
        periodStart: startsAt.toISOString(),
        resetsAt: endsAt.toISOString(),
      });
    const reached = reachedOf(spent, budget.amount);
    if (reached > told) await budgets.told(budget.id, startsAt, reached);
  };

  const zoneNow = async (): Promise<{ zone: string; at: Date }> => ({
    zone: (await settings.read()).timeZone,
    at: now(),
  });

  const withCounters = async (all: readonly Budget[]): Promise<BudgetNow[]> => {
    const { zone, at } = await zoneNow();
    const current = all.map((budget) => ({ budget, period: periodAt(budget.period, zone, at) }));
    const counters = await budgets.periods(
      current.map(({ budget, period }) => ({ budgetId: budget.id, startsAt: period.start })),
    );
    return current.map(({ budget, period }) => {
      const counter = counters.find(({ budgetId }) => budgetId === budget.id);
      return { budget, period, reserved: counter?.reserved ?? 0n, spent: counter?.spent ?? 0n };
    });
  };

  const refusal = ({ budget, period, ...used }: BudgetNow, amount: bigint): DomainError =>
    new DomainError(
      'budget.exceeded',
      402,
      `This may cost up to ${inWords(amount)}, and the ${nameOf(budget)} has ${inWords(leftOf(budget, used))} left. It begins again at ${period.end.toISOString()}.`,
      {
        extra: {
          budget: { id: budget.id, scope: budget.scope, subject: budget.subject, period: budget.period },
          required: toWire(amount),
          available: toWire(leftOf(budget, used)),
          resetsAt: period.end.toISOString(),
        },
      },
    );

  /** Begins the counter of a period from what the books say, so that a budget set late counts what was before it. */
  const recount = async (budget: Budget, period: Period): Promise<void> => {
    await budgets.unreserve(budget.id);
    const spent = await budgets.spentSince(budget, period.start);
    const open = await budgets.openSince(budget, period.start);
    const reserved = open.reduce((sum, hold) => sum + hold.amount, 0n);
    const counter = await budgets.count(budget.id, period, { reserved, spent });
    await budgets.reserve(
      open.map(({ id, amount }) => ({ holdId: id, budgetId: budget.id, startsAt: period.start, amount })),
    );
    await tell(budget, counter);
  };

  /** The budgets that spending counts against, locked. @throws DomainError 402 naming the first that has too little left */
  const ask = async (spender: Spender, amount: bigint): Promise<BudgetNow[]> => {
    if (!(await budgets.some())) return [];
    const current = await withCounters((await budgets.lock()).filter((budget) => counts(budget, spender)));
    const full = current.find((one) => !allows(one.budget, one, amount));
    if (full) throw refusal(full, amount);
    return current;
  };

  return {
    list: async (): Promise<BudgetNow[]> => withCounters(await budgets.list()),

    /** Makes the given budgets the only ones. Those that stay keep their counters. */
    async replace(rules: readonly BudgetRule[], timeZone: string | undefined): Promise<BudgetNow[]> {
      if (rules.some((rule, at) => rules.findIndex((other) => isSame(rule, other)) !== at))
        throw invalid('budget.doubled', 'Two of the budgets are for the same thing and period.');
      if (timeZone !== undefined) await settings.change({ timeZone });
      const known = await budgets.lock();
      const { zone, at } = await zoneNow();
      await budgets.remove(known.filter((one) => !rules.some((rule) => isSame(rule, one))).map(({ id }) => id));
      for (const rule of rules) {
        const before = known.find((one) => isSame(rule, one));
        const period = periodAt(rule.period, zone, at);
        if (!before) {
          await recount(await budgets.add({ ...rule, id: newId(), createdAt: at, updatedAt: at }), period);
          continue;
        }
        const { amount, mode } = rule;
        await budgets.change(before.id, { amount, mode, updatedAt: at });
        const changed = { ...before, amount, mode };
        const [counter] = await budgets.periods([{ budgetId: before.id, startsAt: period.start }]);
        // A zone that changed begins another period, which has not been counted yet.
        if (!counter) await recount(changed, period);
        else if (amount !== before.amount) {
          // What was told of the old amount says nothing of the new one.
          const told = Math.min(counter.told, reachedOf(counter.spent, amount));
          await budgets.told(before.id, period.start, told);
          await tell(changed, { ...counter, told });
        }
      }
      return withCounters(await budgets.list());
    },

    /** Refuses what a hard budget has too little left for. @throws DomainError 402 `budget.exceeded` */
    async ask(spender: Spender, amount: bigint): Promise<void> {
      await ask(spender, amount);
    },

    /**
     * Sets an amount aside in every budget that it counts against.
     * @throws DomainError 402 `budget.exceeded` naming the first hard budget that has too little left
     */
    async reserve(holdId: string, spender: Spender, amount: bigint): Promise<void> {
      const current = await ask(spender, amount);
      for (const { budget, period } of current) await budgets.count(budget.id, period, { reserved: amount, spent: 0n });
      await budgets.reserve(
        current.map(({ budget, period }) => ({ holdId, budgetId: budget.id, startsAt: period.start, amount })),
      );
    },

    /**
     * Counts what was paid in place of what was set aside.
     * @param holdId absent for what was spent without a hold
     * @param remaining what a hold that stays open still sets aside
     */
    async settle(holdId: string | undefined, spender: Spender, paid: bigint, remaining: bigint): Promise<void> {
      if (!(await budgets.some())) return;
      const all = await budgets.lock();
      const reserved = holdId === undefined ? [] : await budgets.takeReservations(holdId);
      const { zone, at } = await zoneNow();
      for (const budget of all) {
        const reservation = reserved.find(({ budgetId }) => budgetId === budget.id);
        if (!reservation && (paid === 0n || !counts(budget, spender))) continue;
        const { startsAt } = reservation ?? {};
        const [counter] = startsAt ? await budgets.periods([{ budgetId: budget.id, startsAt }]) : [];
        const period = counter ? { start: counter.startsAt, end: counter.endsAt } : periodAt(budget.period, zone, at);
        const kept = reservation ? smaller(reservation.amount, remaining) : 0n;
        const change = { reserved: reservation ? kept - reservation.amount : 0n, spent: paid };
        await tell(budget, await budgets.count(budget.id, period, change));
        if (reservation && kept > 0n) await budgets.reserve([{ ...reservation, amount: kept }]);
      }
    },
  };
};
export type BudgetService = ReturnType<typeof createBudgetService>;
