import { jobHandler, JobRefused, type JobHandler, type Transactional, type Unit } from '@atrium/service-kit';
import { requestTopUp } from './top-up.job.ts';
import type { TopUpPort } from './top-up.ts';
import type { TopUpService } from './top-up.service.ts';

export const topUpJobs = (
  topUps: Transactional<TopUpService>,
  topUpsOf: (unit: Unit) => TopUpService,
  port: TopUpPort | undefined,
): JobHandler[] => [
  jobHandler(requestTopUp, {
    work: async ({ tenant, payload: { topUpId } }) => {
      const asked = await topUps.read(tenant, (service) => service.find(topUpId));
      if (asked?.status !== 'pending') return;
      if (!port) throw new JobRefused('auto_top_up.unavailable', 'Nobody takes payments here.');
      await port.request({ workspaceId: tenant.workspaceId, topUpId, amount: asked.amount });
    },
    givenUp: async (unit, { topUpId }, { reason }) => {
      await topUpsOf(unit).finish(topUpId, { succeeded: false, reason });
    },
  }),
];
