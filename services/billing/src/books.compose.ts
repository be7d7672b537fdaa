import { HoldSettled } from '@atrium/contracts';
import { transactional, type DataRuntime, type Logger, type Route, type Tenant, type Unit } from '@atrium/service-kit';
import type { Spending } from './budgets/spending.ts';
import type { BillingConfig } from './config.ts';
import { HoldEntity } from './holds/hold.entity.ts';
import { createHoldPricing } from './holds/hold.price.ts';
import { holdRoutes } from './holds/hold.routes.ts';
import { createHoldService } from './holds/hold.service.ts';
import { createHoldStore, findDueHolds } from './holds/hold.store.ts';
import { holdSubscribers } from './holds/hold.subscribers.ts';
import { startHoldSweep } from './holds/hold.sweep.ts';
import { createSettlementService } from './holds/settlement.service.ts';
import { createWatchedService } from './holds/watched.service.ts';
import { applyOrder, createLedgerCommits } from './ledger/ledger.apply.ts';
import type { LedgerCommand } from './ledger/ledger.commands.ts';
import { createLedgerDesk, type Carried } from './ledger/ledger.desk.ts';
import { AccountEntity, EntryEntity } from './ledger/ledger.entity.ts';
import { createLedgerReading } from './ledger/ledger.reading.ts';
import { ledgerRoutes } from './ledger/ledger.routes.ts';
import { createLedgerService, type LedgerService } from './ledger/ledger.service.ts';
import { createLedgerStore } from './ledger/ledger.store.ts';
import { createReconcileService } from './ledger/reconcile.service.ts';
import { createReconcileStore, type ReconcileSource } from './ledger/reconcile.store.ts';
import { Audit1777000000002 } from './migrations/audit.migration.ts';
import { HoldCaptures1776100000002 } from './migrations/hold.captures.migration.ts';
import { Holds1760000000003 } from './migrations/holds.migration.ts';
import { HoldTotals1776100000040 } from './migrations/hold.totals.migration.ts';
import { LedgerBooks1776100000001 } from './migrations/ledger.books.migration.ts';
import { LedgerFunction1776100000003 } from './migrations/ledger.function.migration.ts';
import { Ledger1760000000001 } from './migrations/ledger.migration.ts';
import { Prices1760000000002 } from './migrations/prices.migration.ts';
import { Usage1760000000004 } from './migrations/usage.migration.ts';
import { reconcilePayments } from './payments/payment.reconcile.ts';
import { createPriceStore } from './prices/price.store.ts';
import { UsageEntity } from './usage/usage.entity.ts';
import { createUsageStore } from './usage/usage.store.ts';

export const bookEntities = [AccountEntity, EntryEntity, HoldEntity, UsageEntity];

export const bookMigrations = [
  ...[Ledger1760000000001, Prices1760000000002, Holds1760000000003, Usage1760000000004],
  ...[LedgerBooks1776100000001, HoldCaptures1776100000002, LedgerFunction1776100000003],
  ...[HoldTotals1776100000040, Audit1777000000002],
];

interface Clock {
  readonly now: () => Date;
  readonly newId: () => string;
}

/** The journal of the unit's workspace, for whatever moves money along with other things. */
export const composeLedger =
  (clock: Clock) =>
  ({ manager, tenant }: Unit): LedgerService =>
    createLedgerService({
      tenant,
      ledger: createLedgerStore(manager, tenant),
      apply: (order) => applyOrder(manager, order, clock),
      ...clock,
    });

/** What holds cost; see `createHoldPricing`. */
export const composePricing = (runtime: DataRuntime, now: () => Date) => {
  const prices = transactional(runtime, ({ manager, tenant }) => createPriceStore(manager, tenant));
  return createHoldPricing({
    listed: (tenant, provider, model) => prices.read(tenant, (store) => store.listed(provider, model)),
    now,
  });
};

/** What other features compare with the books; see GET /billing/reconcile. */
const reconciled: readonly ReconcileSource[] = [reconcilePayments];

interface Given extends Clock {
  readonly config: BillingConfig;
  readonly runtime: DataRuntime;
  readonly log: Logger;
  readonly ledgerOf: (unit: Unit) => LedgerService;
  readonly spendingOf: (unit: Unit) => Spending;
  readonly pricing: ReturnType<typeof composePricing>;
  /** Told what was charged of each provider's calls. */
  readonly spent: (provider: string, amount: bigint) => void;
}

/** The ledger and the holds on it. */
export const composeBooks = ({ config, runtime, log, ledgerOf, spendingOf, pricing, spent, now, newId }: Given) => {
  const holdsOf = ({ manager, tenant }: Unit) => createHoldStore(manager, tenant);
  const ledger = transactional(runtime, ledgerOf);
  const watching = transactional(runtime, (unit) =>
    createWatchedService({
      ledger: ledgerOf(unit),
      holds: holdsOf(unit),
      spending: spendingOf(unit),
      userId: unit.tenant.userId,
    }),
  );
  /** What the transaction returns is stored as the first answer of the Idempotency-Key. */
  const watched = async (tenant: Tenant, command: LedgerCommand): Promise<Carried> => {
    let carried: Carried | undefined;
    const view: unknown = await watching.run(tenant, async (service) => {
      carried = await service.carryOut(command);
      return JSON.parse(carried.body) as unknown;
    });
    return { facts: {}, before: false, ...carried, body: JSON.stringify(view) };
  };
  const commits = createLedgerCommits(runtime.db, { now, newId, atOnce: config.LEDGER_BATCHES });
  const desk = createLedgerDesk({
    commits,
    open: (tenant) => ledger.run(tenant, async (service) => void (await service.lock())),
    lowBalance: BigInt(config.LOW_BALANCE),
    watched,
  });
  const holds = createHoldService({
    desk,
    priceOf: pricing.priceOf,
    events: {
      envelope: (tenant: Tenant, holdId: string) => runtime.outbox.envelope(HoldSettled, tenant, holdId),
      written: (envelope) => runtime.outbox.written(HoldSettled, envelope),
    },
    now,
    newId,
    holdSeconds: config.HOLD_SECONDS,
  });
  const settlementOf = (unit: Unit) =>
    createSettlementService({
      ledger: ledgerOf(unit),
      holds: holdsOf(unit),
      prices: createPriceStore(unit.manager, unit.tenant),
      usage: createUsageStore(unit.manager, unit.tenant),
      spending: spendingOf(unit),
      outbox: unit.outbox,
      spent: (provider, amount) => unit.afterCommit(() => spent(provider, amount)),
      ...{ now, newId, log },
    });
  return {
    holds,
    sweep: startHoldSweep({ due: (limit) => findDueHolds(runtime.db, now(), limit), holds, log }),
    commits,
    reading: transactional(runtime, ({ manager, tenant }) =>
      createLedgerReading({ ledger: createLedgerStore(manager, tenant) }),
    ),
    reconciliation: transactional(runtime, ({ manager, tenant }) =>
      createReconcileService({
        store: createReconcileStore(manager, tenant),
        further: async () => (await Promise.all(reconciled.map((source) => source(manager, tenant)))).flat(),
      }),
    ),
    subscribers: holdSubscribers(settlementOf),
  };
};
type Books = ReturnType<typeof composeBooks>;

export const bookRoutes = (
  { holds, reading, reconciliation }: Books,
  refused: (tenant: Tenant) => Promise<void>,
): Route[] => [...holdRoutes(holds, refused), ...ledgerRoutes(reading, reconciliation)];
