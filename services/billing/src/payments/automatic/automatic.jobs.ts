import { jobHandler, JobRefused, type JobHandler, type Transactional, type Unit } from '@atrium/service-kit';
import { requestTopUp } from '../../budgets/top-up.job.ts';
import type { TopUpService } from '../../budgets/top-up.service.ts';
import type { PaymentService } from '../payment.service.ts';
import type { AutomaticService } from './automatic.service.ts';
import type { CardCharge } from './card.charge.ts';

const AGAIN_MS = 3_600_000;
const UNAVAILABLE = 'auto_top_up.unavailable';

/** Charges cards for automatic top-ups. @param charge absent where nobody takes cards any more */
export const automaticJobs = (parts: {
  charge: CardCharge | undefined;
  automatic: Transactional<AutomaticService>;
  payments: Transactional<PaymentService>;
  topUpsOf: (unit: Unit) => TopUpService;
  now: () => Date;
}): JobHandler[] => {
  const { charge, automatic, payments, topUpsOf, now } = parts;
  return [
    jobHandler(requestTopUp, {
      work: async ({ tenant, payload: { topUpId } }) => {
        if (!charge) {
          if (await automatic.read(tenant, (service) => service.isUnderWay(topUpId)))
            throw new Error('a card may have been charged, but STRIPE_SECRET_KEY is not set any more to find out');
          throw new JobRefused(UNAVAILABLE, 'Nobody takes payments here.');
        }
        const due = await automatic.run(tenant, (service) => service.prepare(topUpId));
        if (!due) return;
        const told = await charge(due);
        await payments.run(tenant, (service) => service.learn(topUpId, told));
      },
      // A card that may have been charged is not forgotten, however long Stripe does not answer.
      givenUp: async (unit, payload, { code }) => {
        if (code === UNAVAILABLE) await topUpsOf(unit).finish(payload.topUpId, 'unavailable');
        else await unit.jobs.add(requestTopUp, payload, { runAt: new Date(now().getTime() + AGAIN_MS) });
      },
    }),
  ];
};
