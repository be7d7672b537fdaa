import { defineService, newId, transactional, type Unit } from '@atrium/service-kit';
import { BillingConfig } from './config.ts';
import { erasureSteps } from './erasure/erasure.steps.ts';
import { HoldEntity } from './holds/hold.entity.ts';
import { holdJobs } from './holds/hold.jobs.ts';
import { holdRoutes } from './holds/hold.routes.ts';
import { createHoldService } from './holds/hold.service.ts';
import { createHoldStore } from './holds/hold.store.ts';
import { holdSubscribers } from './holds/hold.subscribers.ts';
import { createSettlementService } from './holds/settlement.service.ts';
import { AccountEntity, EntryEntity } from './ledger/ledger.entity.ts';
import { ledgerRoutes } from './ledger/ledger.routes.ts';
import { createLedgerService } from './ledger/ledger.service.ts';
import { createLedgerStore } from './ledger/ledger.store.ts';
import { ledgerSubscribers } from './ledger/ledger.subscribers.ts';
import { Holds1760000000003 } from './migrations/holds.migration.ts';
import { Ledger1760000000001 } from './migrations/ledger.migration.ts';
import { Prices1760000000002 } from './migrations/prices.migration.ts';
import { Usage1760000000004 } from './migrations/usage.migration.ts';
import { createPriceStore } from './prices/price.store.ts';
import {
  composeSpending,
  spendingEntities,
  spendingJobs,
  spendingMigrations,
  spendingRoutes,
} from './spending.compose.ts';
import { UsageEntity } from './usage/usage.entity.ts';
import { createUsageStore } from './usage/usage.store.ts';

const now = (): Date => new Date();

/** Billing: the ledger, the holds on it, and what was used. */
export const service = defineService({
  name: 'billing',
  schema: 'billing',
  shared: ['prices'],
  config: BillingConfig,
  entities: [AccountEntity, EntryEntity, HoldEntity, UsageEntity, ...spendingEntities],
  migrations: [
    ...[Ledger1760000000001, Prices1760000000002, Holds1760000000003, Usage1760000000004],
    ...spendingMigrations,
  ],
  compose: ({ config, runtime, log }) => {
    const ledgerOf = ({ manager, tenant }: Unit) =>
      createLedgerService({ ledger: createLedgerStore(manager, tenant), now, newId });
    const spending = composeSpending({ config, runtime, ledgerOf, now, newId, topUpPort: undefined });
    const holdsOf = (unit: Unit) =>
      createHoldService({
        ledger: ledgerOf(unit),
        holds: createHoldStore(unit.manager, unit.tenant),
        prices: createPriceStore(unit.manager, unit.tenant),
        spending: spending.spendingOf(unit),
        userId: unit.tenant.userId,
        jobs: unit.jobs,
        now,
        newId,
        holdSeconds: config.HOLD_SECONDS,
      });
    const settlementOf = (unit: Unit) =>
      createSettlementService({
        ledger: ledgerOf(unit),
        holds: createHoldStore(unit.manager, unit.tenant),
        prices: createPriceStore(unit.manager, unit.tenant),
        spending: spending.spendingOf(unit),
        usage: createUsageStore(unit.manager, unit.tenant),
        outbox: unit.outbox,
        now,
        newId,
        log,
      });
    return {
      ledger: transactional(runtime, ledgerOf),
      holds: transactional(runtime, holdsOf),
      spending: spending.features,
      subscribers: [
        ...ledgerSubscribers(ledgerOf, BigInt(config.WELCOME_CREDIT), spending.opened),
        ...holdSubscribers(settlementOf),
        ...spending.subscribers,
      ],
    };
  },
  routes: ({ ledger, holds, spending }) => [
    ...holdRoutes(holds, spending.refused),
    ...ledgerRoutes(ledger),
    ...spendingRoutes(spending),
  ],
  subscribers: ({ subscribers }) => subscribers,
  jobs: ({ holds, spending }) => [...holdJobs(holds, now), ...spendingJobs(spending, now)],
  erasure: { steps: erasureSteps },
});
