import {
  currentContext,
  transactional,
  withContext,
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
      available: topUpPort !== undefined,
      charging: chargingOf(unit),
