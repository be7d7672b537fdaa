import {
  conflict,
  notFound,
  transactional,
  type DataRuntime,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import type { RunEvent } from '../streaming/run.event.ts';
import type { RunStream } from '../streaming/run.stream.ts';
import type { Run } from './run.entity.ts';
import { presentRun } from './run.schema.ts';
import { createRunStore } from './run.store.ts';

/** What people see and do with runs, within one transaction. */
export const createRunService = ({ manager, tenant, jobs, afterCommit }: Unit, stream: Pick<RunStream, 'cancel'>) => {
  const runs = createRunStore(manager, tenant);
  const get = async (id: string): Promise<Run> => (await runs.find(id)) ?? notFound('run', id);

  return {
    read: async (id: string) => presentRun(await get(id)),

    /** What the readers of a run that ended were told; undefined while it has not ended. */
    async endedEvents(id: string): Promise<RunEvent[] | undefined> {
      const { finishedAt } = await get(id);
      return finishedAt ? runs.events(id) : undefined;
    },

    /** Asks the run to stop; it has when its state is `cancelled`. Asking again changes nothing. */
    async cancel(id: string) {
      const run = await get(id);
      if (run.state === 'completed' || run.state === 'failed')
        throw conflict('run.ended', `The run has ${run.state} and cannot be cancelled any more.`);
      if (run.jobId && (await jobs.cancel(run.jobId))) afterCommit(() => stream.cancel(id));
      return presentRun(run);
    },

    /** Billing settled a hold; its reference is the run it was placed for. */
    async settled(id: string, captured: bigint): Promise<void> {
      await runs.update(id, { cost: captured });
    },
  };
};
export type RunService = ReturnType<typeof createRunService>;

export const createRuns = (runtime: DataRuntime, stream: RunStream): Transactional<RunService> =>
  transactional(runtime, (unit) => createRunService(unit, stream));
