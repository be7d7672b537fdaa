import { jobHandler, type JobHandler, type Transactional } from '@atrium/service-kit';
import { expireCredit } from '../credits/credit.job.ts';
import type { CreditService } from '../credits/credit.service.ts';
import { renewPlan } from './subscription.job.ts';
import type { SubscriptionsOf } from './subscription.routes.ts';

const AGAIN_MS = 3_600_000;

/** Periods begin and credits expire by themselves; what fails for long is tried again every hour. */
export const planJobs = (
  units: Transactional<SubscriptionsOf>,
  credits: Transactional<CreditService>,
  now: () => Date,
): JobHandler[] => [
  jobHandler(renewPlan, {
    work: ({ tenant }) => units.run(tenant, ({ subscriptions }) => subscriptions.renew()),
    givenUp: async ({ jobs }, payload) => {
      await jobs.add(renewPlan, payload, { runAt: new Date(now().getTime() + AGAIN_MS) });
    },
  }),
  jobHandler(expireCredit, {
    work: async ({ tenant, payload }) => {
      await credits.run(tenant, (service) => service.expire(payload.creditId));
    },
    givenUp: async ({ jobs }, payload) => {
      await jobs.add(expireCredit, payload, { runAt: new Date(now().getTime() + AGAIN_MS) });
    },
  }),
];
