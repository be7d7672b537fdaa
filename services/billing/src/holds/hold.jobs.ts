import { jobHandler, type JobHandler, type Transactional } from '@atrium/service-kit';
import { expireHold } from './hold.expiry.ts';
import type { HoldService } from './hold.service.ts';

const AGAIN_MS = 3_600_000;

export const holdJobs = (holds: Transactional<HoldService>, now: () => Date): JobHandler[] => [
  jobHandler(expireHold, {
    work: ({ tenant, payload }) => holds.run(tenant, (service) => service.expire(payload.holdId)),
    // Money must not stay held for good: however often it failed, it is tried again.
    givenUp: async ({ jobs }, payload) => {
      await jobs.add(expireHold, payload, { runAt: new Date(now().getTime() + AGAIN_MS) });
    },
  }),
];
