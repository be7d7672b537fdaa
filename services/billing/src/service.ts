import { defineService, newId, type Unit } from '@atrium/service-kit';
import {
  bookEntities,
  bookMigrations,
  bookRoutes,
  composeBooks,
  composeLedger,
  composePricing,
} from './books.compose.ts';
import { BillingConfig } from './config.ts';
import { erasureSteps } from './erasure/erasure.steps.ts';
import { holdGauges } from './gauges/hold.gauges.ts';
import { ledgerSubscribers } from './ledger/ledger.subscribers.ts';
import { paymentErasureEffects, paymentErasureSteps } from './payments/payment.erasure.ts';
import { composePayments, paymentEntities, paymentFeatureRoutes, paymentMigrations } from './payments/payment.parts.ts';
import {
  composeSpending,
  spendingEntities,
  spendingJobs,
  spendingMigrations,
  spendingRoutes,
} from './spending.compose.ts';

const now = (): Date => new Date();

/** Billing: the ledger, the holds on it, what was used, what may be spent, and what is paid. */
export const service = defineService({
  name: 'billing',
  schema: 'billing',
  shared: ['prices', 'stripe_events'],
  config: BillingConfig,
  entities: [...bookEntities, ...spendingEntities, ...paymentEntities],
  migrations: [...bookMigrations, ...spendingMigrations, ...paymentMigrations],
  compose: ({ config, runtime, log, metrics }) => {
    const spent = metrics.counter(
      'billing_spent_micros_total',
      'Money charged for model calls, in micro-units of USD',
      ['provider'],
    );
    const ledgerOf = composeLedger({ now, newId });
    const pricing = composePricing(runtime, now);
    const spending = composeSpending({
      ...{ config, runtime, ledgerOf, now, newId },
      priced: pricing.forget,
    });
    const books = composeBooks({
      ...{ config, runtime, log, ledgerOf, pricing, now, newId },
      spendingOf: spending.spendingOf,
      spent: (provider, amount) => spent.inc({ provider }, Number(amount)),
    });
    const plansOf = (unit: Unit) => {
      const { subscriptions } = spending.subscriptionsOf(unit);
      return {
        offer: subscriptions.offer,
        activate: async (...paid: Parameters<typeof subscriptions.activate>) => {
          await subscriptions.activate(...paid);
        },
      };
    };
    const payments = composePayments({ config, runtime, log, ledgerOf, plansOf, topUpsOf: spending.topUpsOf, now });
    const opened = async (unit: Unit, timeZone: string): Promise<void> => {
      await spending.opened(unit, timeZone);
      await payments.statementsOf(unit).scheduleCurrent();
    };
    return {
      runtime,
      books,
      payments,
      spending: spending.features,
      subscribers: [
        ...ledgerSubscribers(ledgerOf, BigInt(config.WELCOME_CREDIT), opened),
        ...books.subscribers,
        ...spending.subscribers,
      ],
    };
  },
  routes: ({ books, spending, payments }) => [
    ...bookRoutes(books, spending.refused),
    ...spendingRoutes(spending),
    ...paymentFeatureRoutes(payments),
  ],
  subscribers: ({ subscribers }) => subscribers,
  gauges: ({ runtime }) => [holdGauges(runtime)],
  jobs: ({ spending, payments }) => [...spendingJobs(spending, now), ...payments.jobs],
  close: async ({ books }) => {
    await books.sweep.stop();
    await books.commits.idle();
  },
  erasure: {
    steps: [...erasureSteps, ...paymentErasureSteps],
    effects: ({ payments }) => paymentErasureEffects(payments.stripe),
  },
});
