import {
  apartFromRequest,
  transactional,
  type DataRuntime,
  type JobHandler,
  type MigrationClass,
  type Route,
  type Tenant,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import { BudgetEntity, BudgetPeriodEntity, BudgetReservationEntity } from './budgets/budget.entity.ts';
import { budgetRoutes, type BudgetsOf } from './budgets/budget.routes.ts';
import { createBudgetService } from './budgets/budget.service.ts';
import { createBudgetStore } from './budgets/budget.store.ts';
import { createSpending, type Spending } from './budgets/spending.ts';
import { topUpRoutes } from './budgets/top-up.routes.ts';
import { createTopUpService } from './budgets/top-up.service.ts';
import { createTopUpStore } from './budgets/top-up.store.ts';
import type { BillingConfig } from './config.ts';
import { CreditEntity } from './credits/credit.entity.ts';
import { creditRoutes } from './credits/credit.routes.ts';
import { createCreditService } from './credits/credit.service.ts';
import { createCreditStore } from './credits/credit.store.ts';
import { entitlementRoutes } from './entitlements/entitlement.routes.ts';
import { createLedgerReading } from './ledger/ledger.reading.ts';
import type { LedgerService } from './ledger/ledger.service.ts';
import { createLedgerStore } from './ledger/ledger.store.ts';
import { Budgets1776200000003 } from './migrations/budgets.migration.ts';
import { Plans1776200000004 } from './migrations/plans.migration.ts';
import { PriceBook1776200000001 } from './migrations/price-book.migration.ts';
import { UsageTags1776200000002 } from './migrations/usage-tags.migration.ts';
import { LedgerStatements1778000000020 } from './migrations/ledger.statements.migration.ts';
import { LedgerWatch1776200000005 } from './migrations/ledger.watch.migration.ts';
import { composeCharging } from './payments/cards/card.parts.ts';
import type { Plan } from './plans/plan.ts';
import { SubscriptionEntity } from './plans/subscription.entity.ts';
import { planJobs } from './plans/subscription.jobs.ts';
import { subscriptionRoutes, type SubscriptionsOf } from './plans/subscription.routes.ts';
import { createSubscriptionService } from './plans/subscription.service.ts';
import { createSubscriptionStore } from './plans/subscription.store.ts';
import { PriceEntity, WorkspacePriceEntity } from './prices/price.entity.ts';
import { priceRoutes } from './prices/price.routes.ts';
import { createPriceService } from './prices/price.service.ts';
import { createPriceStore } from './prices/price.store.ts';
import { createBalanceWatch } from './settings/balance.watch.ts';
import { SpendingSettingsEntity } from './settings/settings.entity.ts';
import { createSettingsStore } from './settings/settings.store.ts';
import { isTimeZone } from './settings/zone.ts';
import { createMeasuredUsage } from './usage/measured.service.ts';
import { measuredSubscribers } from './usage/measured.subscribers.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { createUsageService } from './usage/usage.service.ts';
import { createUsageStore } from './usage/usage.store.ts';

export const spendingEntities = [
  ...[PriceEntity, WorkspacePriceEntity, SpendingSettingsEntity, CreditEntity, SubscriptionEntity],
  ...[BudgetEntity, BudgetPeriodEntity, BudgetReservationEntity],
];

export const spendingMigrations: readonly MigrationClass[] = [
  ...[PriceBook1776200000001, UsageTags1776200000002, Budgets1776200000003, Plans1776200000004],
  ...[LedgerWatch1776200000005, LedgerStatements1778000000020],
];

interface Given {
  readonly config: BillingConfig;
  readonly runtime: DataRuntime;
  readonly ledgerOf: (unit: Unit) => LedgerService;
  readonly now: () => Date;
  readonly newId: () => string;
  /** The workspace set prices of its own. */
  readonly priced: (tenant: Tenant) => void;
}

/** Prices, usage, budgets, credits and plans, bound together on the ledger. */
export const composeSpending = ({ config, runtime, ledgerOf, now, newId, priced }: Given) => {
  const plans: readonly Plan[] = config.PLANS;
  const settingsOf = ({ manager, tenant }: Unit) => createSettingsStore(manager, tenant);
  const pricesOf = ({ manager, tenant }: Unit) => createPriceStore(manager, tenant);
  const usageOf = ({ manager, tenant }: Unit) => createUsageStore(manager, tenant);
  const creditsOf = (unit: Unit) =>
    createCreditService({
      credits: createCreditStore(unit.manager, unit.tenant),
      ledger: ledgerOf(unit),
      settings: settingsOf(unit),
      ...{ jobs: unit.jobs, now, newId },
    });
  const budgetsOf = (unit: Unit) =>
    createBudgetService({
      budgets: createBudgetStore(unit.manager, unit.tenant),
      settings: settingsOf(unit),
      ...{ outbox: unit.outbox, now, newId },
    });
  const chargingOf = composeCharging(config);
  const topUpsOf = (unit: Unit) =>
    createTopUpService({
      topUps: createTopUpStore(unit.manager, unit.tenant),
      settings: settingsOf(unit),
      lock: () => ledgerOf(unit).lockEarly(),
      charging: chargingOf(unit),
      ...{ jobs: unit.jobs, now, newId },
    });
  const watchOf = (unit: Unit) =>
    createBalanceWatch({
      settings: settingsOf(unit),
      outbox: unit.outbox,
      workspaceId: unit.tenant.workspaceId,
      lowBalance: BigInt(config.LOW_BALANCE),
    });
  const spendingOf = (unit: Unit): Spending =>
    createSpending({
      budgets: budgetsOf(unit),
      watch: watchOf(unit),
      expire: (books) => creditsOf(unit).expireDue(books),
      topUp: (books) => topUpsOf(unit).look(books),
    });
  const subscriptionsOf = (unit: Unit): SubscriptionsOf => ({
    subscriptions: createSubscriptionService({
      subscriptions: createSubscriptionStore(unit.manager, unit.tenant),
      credits: creditsOf(unit),
      ledger: ledgerOf(unit),
      settings: settingsOf(unit),
      plans,
      byHand:
        (config.PLAN_CHANGES ?? (config.STRIPE_SECRET_KEY === undefined ? 'by_hand' : 'by_payment')) === 'by_hand',
      workspaceId: unit.tenant.workspaceId,
      ...{ outbox: unit.outbox, jobs: unit.jobs, now },
    }),
    settings: settingsOf(unit),
  });
  const measuredOf = (unit: Unit) =>
    createMeasuredUsage({
      ledger: ledgerOf(unit),
      prices: pricesOf(unit),
      usage: usageOf(unit),
      spending: spendingOf(unit),
      ...{ now, newId },
    });

  const watching = transactional(runtime, (unit) => ({
    ...{ watch: watchOf(unit), ledger: ledgerOf(unit), topUps: topUpsOf(unit) },
  }));
  /** Notes that a run was refused, and tops up; in a transaction of its own, since the hold's was undone. */
  const refused = async (tenant: Tenant): Promise<void> => {
    await apartFromRequest(() =>
      watching.run(tenant, async ({ watch, ledger, topUps }) => {
        const books = await ledger.lock();
        if (!books) return;
        await watch.refused(books);
        await topUps.look(books);
      }),
    );
  };

  const budgets: Transactional<BudgetsOf> = transactional(runtime, (unit) => ({
    budgets: budgetsOf(unit),
    settings: settingsOf(unit),
    lock: () => ledgerOf(unit).lockEarly(),
  }));
  return {
    spendingOf,
    /** For payments: `subscriptions.activate(plan, periodStart, periodEnd, source)` in a transaction of theirs. */
    subscriptionsOf,
    topUpsOf,
    /** What begins with a workspace: its zone and its plan. */
    opened: async (unit: Unit, timeZone: string): Promise<void> => {
      const { subscriptions, settings } = subscriptionsOf(unit);
      await settings.change(isTimeZone(timeZone) ? { timeZone } : {});
      await subscriptions.ensure();
    },
    subscribers: measuredSubscribers(measuredOf),
    features: {
      plans: () => plans,
      budgets,
      refused,
      credits: transactional(runtime, creditsOf),
      subscriptions: transactional(runtime, subscriptionsOf),
      topUps: transactional(runtime, topUpsOf),
      prices: transactional(runtime, (unit: Unit) =>
        createPriceService({
          prices: pricesOf(unit),
          priced: () => unit.afterCommit(() => priced(unit.tenant)),
          ledger: createLedgerReading({ ledger: createLedgerStore(unit.manager, unit.tenant) }),
          userId: unit.tenant.userId,
          now,
        }),
      ),
      usage: transactional(runtime, (unit: Unit) =>
        createUsageService({ usage: usageOf(unit), settings: settingsOf(unit) }),
      ),
    },
  };
};
export type SpendingFeatures = ReturnType<typeof composeSpending>['features'];

export const spendingRoutes = (features: SpendingFeatures): Route[] => [
  ...usageRoutes(features.usage),
  ...priceRoutes(features.prices),
  ...budgetRoutes(features.budgets),
  ...topUpRoutes(features.topUps),
  ...creditRoutes(features.credits),
  ...subscriptionRoutes(features.subscriptions, features.plans),
  ...entitlementRoutes(features.subscriptions, features.plans),
];

export const spendingJobs = (features: SpendingFeatures, now: () => Date): JobHandler[] => [
  ...planJobs(features.subscriptions, features.credits, now),
];
