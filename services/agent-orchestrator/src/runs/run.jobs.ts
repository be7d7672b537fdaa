import { conflict, jobHandler, type JobHandler } from '@atrium/service-kit';
import type { RunStream } from '../streaming/run.stream.ts';
import type { RunEngine } from './run.engine.ts';
import { executeRun } from './run.job.ts';
import { createRunRecord } from './run.record.ts';

export const runJobs = (engine: RunEngine, stream: RunStream): JobHandler[] => [
  jobHandler(executeRun, {
    work: (attempt) => engine.execute(attempt),
    async givenUp(unit, { runId }, failure) {
      const last = await createRunRecord(unit).giveUp(runId, failure);
      // Readers that miss it find the end in Postgres.
      if (last) unit.afterCommit(() => void stream.append(runId, [last]).catch(() => undefined));
    },
    // What the person saw was the end; a new run begins with a new message.
    retried: () =>
      Promise.reject(conflict('run.ended', 'A run that has ended stays as it is. Send the message again.')),
  }),
];
