import { HoldSettled } from '@atrium/contracts';
import { defineService, newId, transactional, type Tenant, type Unit } from '@atrium/service-kit';
import { BillingConfig } from './config.ts';
import { erasureSteps } from './erasure/erasure.steps.ts';
import { holdGauges } from './gauges/hold.gauges.ts';
import { HoldEntity } from './holds/hold.entity.ts';
import { createHoldPricing } from './holds/hold.price.ts';
import { holdRoutes } from './holds/hold.routes.ts';
import { createHoldService } from './holds/hold.service.ts';
import { createHoldStore, findDueHolds } from './holds/hold.store.ts';
import { holdSubscribers } from './holds/hold.subscribers.ts';
import { startHoldSweep } from './holds/hold.sweep.ts';
import { createSettlementService } from './holds/settlement.service.ts';
import { applyOrder, createLedgerCommits } from './ledger/ledger.apply.ts';
import { createLedgerDesk } from './ledger/ledger.desk.ts';
import { AccountEntity, EntryEntity } from './ledger/ledger.entity.ts';
import { createLedgerReading } from './ledger/ledger.reading.ts';
import { ledgerRoutes } from './ledger/ledger.routes.ts';
import { createLedgerService } from './ledger/ledger.service.ts';
import { createLedgerStore } from './ledger/ledger.store.ts';
import { ledgerSubscribers } from './ledger/ledger.subscribers.ts';
import { createReconcileService } from './ledger/reconcile.service.ts';
import { createReconcileStore, type ReconcileSource } from './ledger/reconcile.store.ts';
import { Audit1777000000002 } from './migrations/audit.migration.ts';
import { HoldCaptures1776100000002 } from './migrations/hold.captures.migration.ts';
import { Holds1760000000003 } from './migrations/holds.migration.ts';
import { LedgerBooks1776100000001 } from './migrations/ledger.books.migration.ts';
import { LedgerFunction1776100000003 } from './migrations/ledger.function.migration.ts';
import { HoldTotals1776100000040 } from './migrations/hold.totals.migration.ts';
import { Ledger1760000000001 } from './migrations/ledger.migration.ts';
import { Prices1760000000002 } from './migrations/prices.migration.ts';
import { Usage1760000000004 } from './migrations/usage.migration.ts';
import { PriceEntity } from './prices/price.entity.ts';
import { createPriceStore } from './prices/price.store.ts';
import { UsageEntity } from './usage/usage.entity.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { createUsageService } from './usage/usage.service.ts';
import { createUsageStore } from './usage/usage.store.ts';

const now = (): Date => new Date();

/** What other features compare with the books; see GET /billing/reconcile. */
const reconciled: readonly ReconcileSource[] = [];

/** Billing: the ledger, the holds on it, and what was used. */
export const service = defineService({
  name: 'billing',
  schema: 'billing',
  shared: ['prices'],
  config: BillingConfig,
  entities: [AccountEntity, EntryEntity, HoldEntity, PriceEntity, UsageEntity],
  migrations: [
    Ledger1760000000001,
    Prices1760000000002,
    Holds1760000000003,
    Usage1760000000004,
    LedgerBooks1776100000001,
    HoldCaptures1776100000002,
    LedgerFunction1776100000003,
    Audit1777000000002,
    HoldTotals1776100000040,
  ],
  compose: ({ config, runtime, log, metrics }) => {
    const spent = metrics.counter(
      'billing_spent_micros_total',
      'Money charged for model calls, in micro-units of USD',
      ['provider'],
    );
    const ledgerOf = ({ manager, tenant }: Unit) =>
      createLedgerService({
        tenant,
        ledger: createLedgerStore(manager, tenant),
        apply: (order) => applyOrder(manager, order, { now, newId }),
        now,
        newId,
      });
    const ledger = transactional(runtime, ledgerOf);
    const commits = createLedgerCommits(runtime.db, { now, newId, lanes: config.LEDGER_LANES });
    const desk = createLedgerDesk({
      commits,
      open: (tenant) => ledger.run(tenant, async (service) => void (await service.lock())),
    });
    const holds = createHoldService({
      desk,
      priceOf: createHoldPricing({ listed: createPriceStore(runtime.db.manager).listed, now }),
      events: {
        envelope: (tenant: Tenant, holdId: string) => runtime.outbox.envelope(HoldSettled, tenant, holdId),
        written: (envelope) => runtime.outbox.written(HoldSettled, envelope),
      },
      guards: [],
      now,
      newId,
      holdSeconds: config.HOLD_SECONDS,
    });
    const sweep = startHoldSweep({ due: (limit) => findDueHolds(runtime.db, now(), limit), holds, log });
    const settlementOf = (unit: Unit) =>
      createSettlementService({
        ledger: ledgerOf(unit),
        holds: createHoldStore(unit.manager, unit.tenant),
        prices: createPriceStore(unit.manager),
        usage: createUsageStore(unit.manager, unit.tenant),
        outbox: unit.outbox,
        now,
        newId,
        spent: (provider, amount) => unit.afterCommit(() => spent.inc({ provider }, Number(amount))),
        log,
      });
    const usageOf = ({ manager, tenant }: Unit) => createUsageService({ usage: createUsageStore(manager, tenant) });
    const reading = ({ manager, tenant }: Unit) => createLedgerReading({ ledger: createLedgerStore(manager, tenant) });
    const reconcileOf = ({ manager, tenant }: Unit) =>
      createReconcileService({
        store: createReconcileStore(manager, tenant),
        further: async () => (await Promise.all(reconciled.map((source) => source(manager, tenant)))).flat(),
      });
    return {
      runtime,
      reading: transactional(runtime, reading),
      reconciliation: transactional(runtime, reconcileOf),
      holds,
      sweep,
      commits,
      usage: transactional(runtime, usageOf),
      subscribers: [...ledgerSubscribers(ledgerOf, BigInt(config.WELCOME_CREDIT)), ...holdSubscribers(settlementOf)],
    };
  },
  routes: ({ reading, reconciliation, holds, usage }) => [
    ...holdRoutes(holds),
    ...ledgerRoutes(reading, reconciliation),
    ...usageRoutes(usage),
  ],
  subscribers: ({ subscribers }) => subscribers,
  gauges: ({ runtime }) => [holdGauges(runtime)],
  close: async ({ sweep, commits }) => {
    await sweep.stop();
    await commits.idle();
  },
  erasure: { steps: erasureSteps },
});
