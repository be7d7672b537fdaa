import { jobHandler, type JobHandler, type Transactional } from '@atrium/service-kit';
import { closeStatement } from './statement.close.ts';
import type { StatementService } from './statement.service.ts';

const AGAIN_MS = 3_600_000;

export const statementJobs = (statements: Transactional<StatementService>, now: () => Date): JobHandler[] => [
  jobHandler(closeStatement, {
    work: ({ tenant, payload }) => statements.run(tenant, (service) => service.close(payload.month)),
    // The months after it wait for this one, so it is never left out.
    givenUp: async ({ jobs }, payload) => {
      await jobs.add(closeStatement, payload, { runAt: new Date(now().getTime() + AGAIN_MS) });
    },
  }),
];
