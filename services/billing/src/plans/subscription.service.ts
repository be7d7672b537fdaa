import { EntitlementsChanged } from '@atrium/contracts';
import { DomainError, invalid, type JobQueue, type Outbox } from '@atrium/service-kit';
import type { CreditService } from '../credits/credit.service.ts';
import type { Books } from '../ledger/ledger.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { addMonths, localDateOf, startOfDay, type Period } from '../settings/zone.ts';
import { planPeriodAt, prorate } from './period.ts';
import { CUSTOM_PLAN, DEFAULT_PLAN, termsOf, type Plan, type PlanTerms } from './plan.ts';
import type { Subscription } from './subscription.entity.ts';
import { renewPlan } from './subscription.job.ts';
import type { SubscriptionStore } from './subscription.store.ts';

/** How long a plan that is paid elsewhere outlives its period, while the next payment may still come. */
const GRACE_MS = 3 * 86_400_000;

const isOwn = ({ source }: Pick<Subscription, 'source'>): boolean => source === 'default' || source === 'hand';

export interface PlanChange {
  readonly plan: string;
  readonly when: 'now' | 'period_end';
  /** What was agreed, of the custom plan. */
  readonly terms?: PlanTerms | undefined;
}

/**
 * The plan of a workspace. Each period grants its allowance once, whoever begins it and however late; a change in the
 * middle grants or takes back what it is worth for the rest. Everything happens on locked books.
 */
export const createSubscriptionService = (parts: {
  subscriptions: SubscriptionStore;
  credits: CreditService;
  ledger: LedgerService;
  settings: SettingsStore;
  plans: readonly Plan[];
  /** Whether administrators may choose a plan that costs something, or payments must. */
  byHand: boolean;
  workspaceId: string;
  outbox: Outbox;
  jobs: JobQueue;
  now: () => Date;
}) => {
  const { subscriptions, credits, ledger, settings, plans, byHand, workspaceId, outbox, jobs, now } = parts;
  const zoneNow = async (): Promise<string> => (await settings.read()).timeZone;

  const planNamed = (id: string): Plan =>
    plans.find((plan) => plan.id === id) ??
    (() => {
      throw invalid('plan.unknown', `There is no plan ${id}. Read /billing/plans for those there are.`);
    })();

  const schedule = (end: Date): Promise<unknown> =>
    jobs.add(renewPlan, { periodEnd: end.toISOString() }, { key: `${workspaceId}:${end.toISOString()}`, runAt: end });

  /** Grants what a period gives, once. */
  const allow = (books: Books, { plan, terms, periodStart, periodEnd }: Subscription): Promise<Books> =>
    credits.grant(books, {
      reference: `allowance:${periodStart.toISOString()}`,
      kind: 'allowance',
      amount: BigInt(termsOf(plans, plan, terms).allowance),
      expiresAt: periodEnd,
      description: `Allowance of the plan ${plan}`,
    });

  const fail = (): never => {
    throw new Error('the subscription of a workspace could not be begun');
  };

  const begin = async (books: Books): Promise<{ books: Books; subscription: Subscription }> => {
    const at = now();
    const zone = await zoneNow();
    const anchor = localDateOf(at, zone);
    const periodEnd = startOfDay(addMonths(anchor, 1), zone);
    const first = { plan: DEFAULT_PLAN, terms: null, source: 'default', anchor, nextPlan: null, nextTerms: null };
    await subscriptions.begin({ ...first, periodStart: at, periodEnd, changes: 0, updatedAt: at });
    await schedule(periodEnd);
    const subscription = (await subscriptions.lock()) ?? fail();
    return { books: await allow(books, subscription), subscription };
  };

  const write = async (
    before: Subscription,
    change: Partial<Omit<Subscription, 'workspaceId'>>,
  ): Promise<Subscription> => {
    const after: Subscription = { ...before, ...change, changes: before.changes + 1, updatedAt: now() };
    const { workspaceId: _workspace, ...columns } = after;
    await subscriptions.change(columns);
    if (after.plan !== before.plan || JSON.stringify(after.terms) !== JSON.stringify(before.terms))
      await outbox.add(EntitlementsChanged, workspaceId, { plan: after.plan });
    return after;
  };

  /** Begins the period that runs now, if another one has ended; however many were missed, it is one. */
  const roll = async (books: Books, before: Subscription): Promise<{ books: Books; subscription: Subscription }> => {
    const at = now();
    if (before.periodEnd > at) return { books, subscription: before };
    const ends = before.nextPlan !== null;
    if (!isOwn(before) && !ends && at.getTime() < before.periodEnd.getTime() + GRACE_MS)
      return { books, subscription: before };
    const lapsed = !isOwn(before) && !ends;
    const zone = await zoneNow();
    const { start, end } = planPeriodAt(before.anchor, zone, before.periodStart, at);
    const plan = lapsed ? DEFAULT_PLAN : (before.nextPlan ?? before.plan);
    const stays = plan === before.plan && !ends;
    const subscription = await write(before, {
      plan,
      terms: stays ? before.terms : lapsed ? null : before.nextTerms,
      source: plan === DEFAULT_PLAN ? 'default' : stays ? before.source : 'hand',
      periodStart: start < before.periodEnd ? before.periodEnd : start,
      periodEnd: end,
      nextPlan: null,
      nextTerms: null,
    });
    await schedule(end);
    return { books: await allow(books, subscription), subscription };
  };

  /** The subscription of the period that runs, on locked books. */
  const current = async (): Promise<{ books: Books; subscription: Subscription }> => {
    const books = await ledger.openAndLock();
    const subscription = await subscriptions.lock();
    return subscription ? roll(books, subscription) : begin(books);
  };

  const changeNow = async (plan: Plan, terms: PlanTerms | null): Promise<Subscription> => {
    const { books, subscription: before } = await current();
    const at = now();
    const period: Period = { start: before.periodStart, end: before.periodEnd };
    const [was, will] = [termsOf(plans, before.plan, before.terms), termsOf(plans, plan.id, terms)];
    const worth = prorate(BigInt(was.allowance), BigInt(will.allowance), period, at);
    const source = plan.id === DEFAULT_PLAN ? 'default' : 'hand';
    const after = await write(before, { plan: plan.id, terms, source, nextPlan: null, nextTerms: null });
    if (worth > 0n)
      await credits.grant(books, {
        reference: `proration:${before.periodStart.toISOString()}:${after.changes}`,
        kind: 'allowance',
        amount: worth,
        expiresAt: before.periodEnd,
        description: `Rest of the period on the plan ${plan.id}`,
      });
    if (worth < 0n) await credits.withdraw(books, -worth, `Rest of the period on the plan ${plan.id}`);
    return after;
  };

  return {
    /** What a plan of the list, or the agreed one, gives this workspace. */
    terms: ({ plan, terms }: Subscription): PlanTerms => termsOf(plans, plan, terms),

    /** The subscription as it stands, without changing anything; undefined before the workspace has one. */
    find: (): Promise<Subscription | null> => subscriptions.find(),

    ensure: async (): Promise<Subscription> => (await current()).subscription,

    /**
     * Changes the plan at once, with what that is worth for the rest of the period, or when the period ends.
     * @throws DomainError 402 `subscription.payment_required`, 422 `plan.unknown` or `plan.terms`
     */
    async change({ plan: id, when, terms }: PlanChange): Promise<Subscription> {
      const plan = planNamed(id);
      if (terms && id !== CUSTOM_PLAN) throw invalid('plan.terms', 'Only the custom plan has terms of its own.');
      const costs = (terms ?? plan).price > 0 || (terms ?? plan).allowance > 0 || id === CUSTOM_PLAN;
      if (costs && !byHand)
        throw new DomainError(
          'subscription.payment_required',
          402,
          `The plan ${plan.name} begins with its payment. Begin a checkout for it instead.`,
          { extra: { plan: id } },
        );
      if (when === 'now') return changeNow(plan, terms ?? null);
      const { subscription } = await current();
      return write(subscription, { nextPlan: id, nextTerms: terms ?? null });
    },

    /** Lets the plan end with its period, or takes that back. */
    async cancelAtEnd(cancel: boolean): Promise<Subscription> {
      const { subscription } = await current();
      return write(subscription, { nextPlan: cancel ? DEFAULT_PLAN : null, nextTerms: null });
    },

    /** A plan as it is offered at a checkout, in micro-units; undefined when it costs nothing or is not there. */
    offer: async (id: string): Promise<{ name: string; price: bigint; interval: 'month' } | undefined> => {
      const plan = plans.find((one) => one.id === id);
      return plan && plan.price > 0 ? { name: plan.name, price: BigInt(plan.price), interval: 'month' } : undefined;
    },

    /**
     * Begins or renews a plan for a period that was paid elsewhere; the same period does nothing again.
     * @param source what paid for it, such as a payment's id
     */
    async activate(id: string, periodStart: Date, periodEnd: Date, source: string): Promise<Subscription> {
      const plan = planNamed(id);
      if (periodEnd <= periodStart) throw invalid('subscription.period', 'The period ends before it begins.');
      const locked = await ledger.openAndLock();
      const known = await subscriptions.lock();
      const { books, subscription: before } = known ? { books: locked, subscription: known } : await begin(locked);
      // Told late of an earlier period, after a later one: what was paid later stays.
      if (!isOwn(before) && periodStart < before.periodStart) return before;
      if (before.source === source && before.periodEnd >= periodEnd) return before;
      const anchor = localDateOf(periodStart, await zoneNow());
      const period = { periodStart, periodEnd, anchor, nextPlan: null, nextTerms: null };
      const after = await write(before, { ...period, plan: plan.id, terms: null, source });
      await schedule(periodEnd);
      await allow(books, after);
      return after;
    },

    /** Begins the period that is due. For the job; anybody may call it at any time. */
    async renew(): Promise<void> {
      const { subscription } = await current();
      if (subscription.periodEnd <= now())
        await jobs.add(
          renewPlan,
          { periodEnd: subscription.periodEnd.toISOString() },
          { runAt: new Date(subscription.periodEnd.getTime() + GRACE_MS) },
        );
    },
  };
};
export type SubscriptionService = ReturnType<typeof createSubscriptionService>;
