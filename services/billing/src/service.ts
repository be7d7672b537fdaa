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
import { Invoices1776300000001 } from './migrations/invoices.migration.ts';
import { Payments1776300000000 } from './migrations/payments.migration.ts';
import { Usage1760000000004 } from './migrations/usage.migration.ts';
import { InvoiceEntity } from './invoices/invoice.entity.ts';
import { PaymentEntity } from './payments/payment.entity.ts';
import { composePayments, paymentFeatureRoutes } from './payments/payment.parts.ts';
import { paymentErasureSteps } from './payments/payment.erasure.ts';
import { noPlans } from './payments/plan.port.ts';
import { DisputeEntity, RefundEntity } from './payments/refunds/refund.entity.ts';
import { PriceEntity } from './prices/price.entity.ts';
import { createPriceStore } from './prices/price.store.ts';
import { ProfileEntity } from './profile/profile.entity.ts';
import { UsageEntity } from './usage/usage.entity.ts';
import { usageRoutes } from './usage/usage.routes.ts';
import { createUsageService } from './usage/usage.service.ts';
import { createUsageStore } from './usage/usage.store.ts';

const now = (): Date => new Date();

/** Billing: the ledger, the holds on it, and what was used. */
export const service = defineService({
  name: 'billing',
  schema: 'billing',
  shared: ['prices', 'stripe_events'],
  config: BillingConfig,
  entities: [
    ...[AccountEntity, EntryEntity, HoldEntity, PriceEntity, UsageEntity],
    ...[PaymentEntity, RefundEntity, DisputeEntity, InvoiceEntity, ProfileEntity],
  ],
  migrations: [
    ...[Ledger1760000000001, Prices1760000000002, Holds1760000000003, Usage1760000000004],
    ...[Payments1776300000000, Invoices1776300000001],
  ],
  compose: ({ config, runtime, log }) => {
    const ledgerOf = ({ manager, tenant }: Unit) =>
      createLedgerService({ ledger: createLedgerStore(manager, tenant), now, newId });
    const holdsOf = (unit: Unit) =>
      createHoldService({
        ledger: ledgerOf(unit),
        holds: createHoldStore(unit.manager, unit.tenant),
        prices: createPriceStore(unit.manager),
        jobs: unit.jobs,
        now,
        newId,
        holdSeconds: config.HOLD_SECONDS,
      });
    const settlementOf = (unit: Unit) =>
      createSettlementService({
        ledger: ledgerOf(unit),
        holds: createHoldStore(unit.manager, unit.tenant),
        prices: createPriceStore(unit.manager),
        usage: createUsageStore(unit.manager, unit.tenant),
        outbox: unit.outbox,
        now,
        newId,
        log,
      });
    const usageOf = ({ manager, tenant }: Unit) => createUsageService({ usage: createUsageStore(manager, tenant) });
    const payments = composePayments({ config, runtime, log, ledgerOf, plansOf: noPlans, now });
    const opened = (unit: Unit) => payments.statementsOf(unit).scheduleCurrent();
    return {
      payments,
      ledger: transactional(runtime, ledgerOf),
      holds: transactional(runtime, holdsOf),
      usage: transactional(runtime, usageOf),
      subscribers: [
        ...ledgerSubscribers(ledgerOf, BigInt(config.WELCOME_CREDIT), opened),
        ...holdSubscribers(settlementOf),
      ],
    };
  },
  routes: ({ ledger, holds, usage, payments }) => [
    ...[...holdRoutes(holds), ...ledgerRoutes(ledger), ...usageRoutes(usage)],
    ...paymentFeatureRoutes(payments),
  ],
  subscribers: ({ subscribers }) => subscribers,
  jobs: ({ holds, payments }) => [...holdJobs(holds, now), ...payments.jobs],
  erasure: { steps: [...erasureSteps, ...paymentErasureSteps] },
});
