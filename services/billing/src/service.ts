import { defineService, newId } from '@atrium/service-kit';
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
import { ledgerSubscribers } from './ledger/ledger.subscribers.ts';
import {
  composeSpending,
  spendingEntities,
  spendingJobs,
  spendingMigrations,
  spendingRoutes,
} from './spending.compose.ts';

const now = (): Date => new Date();

/** Billing: the ledger, the holds on it, what was used, and what may be spent. */
export const service = defineService({
  name: 'billing',
  schema: 'billing',
  shared: ['prices'],
  config: BillingConfig,
  entities: [...bookEntities, ...spendingEntities],
  migrations: [...bookMigrations, ...spendingMigrations],
  compose: ({ config, runtime, log }) => {
    const ledgerOf = composeLedger({ now, newId });
    const pricing = composePricing(runtime, now);
    const spending = composeSpending({
      ...{ config, runtime, ledgerOf, now, newId, topUpPort: undefined },
      priced: pricing.forget,
    });
    const books = composeBooks({
      ...{ config, runtime, log, ledgerOf, pricing, now, newId },
      spendingOf: spending.spendingOf,
    });
    return {
      books,
      spending: spending.features,
      subscribers: [
        ...ledgerSubscribers(ledgerOf, BigInt(config.WELCOME_CREDIT), spending.opened),
        ...books.subscribers,
        ...spending.subscribers,
      ],
    };
  },
  routes: ({ books, spending }) => [...bookRoutes(books, spending.refused), ...spendingRoutes(spending)],
  subscribers: ({ subscribers }) => subscribers,
  jobs: ({ spending }) => spendingJobs(spending, now),
  close: async ({ books }) => {
    await books.sweep.stop();
    await books.commits.idle();
  },
  erasure: { steps: erasureSteps },
});
