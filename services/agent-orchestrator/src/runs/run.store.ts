import type { Tenant } from '@atrium/service-kit';
import { In, type EntityManager, type QueryDeepPartialEntity } from 'typeorm';
import type { RunEvent } from '../streaming/run.event.ts';
import { RunEntity, type Run } from './run.entity.ts';

type NewRun = Pick<
  Run,
  'id' | 'conversationId' | 'agentId' | 'userId' | 'model' | 'provider' | 'setup' | 'jobId' | 'createdAt'
>;

/** TypeORM would look inside of the JSON columns and does not know all that can be in an event. */
const asRow = (columns: Partial<Run>) => columns as QueryDeepPartialEntity<Run>;

/** The only file that knows the runs table. */
export const createRunStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (id: string): Promise<Run | null> => db.findOneBy(RunEntity, { workspaceId, id }),

  /** Locks it until the end of the transaction. */
  lock: (id: string): Promise<Run | null> =>
    db.findOne(RunEntity, { where: { workspaceId, id }, lock: { mode: 'pessimistic_write' } }),

  isBusy: (conversationId: string): Promise<boolean> =>
    db.existsBy(RunEntity, { workspaceId, conversationId, state: In(['queued', 'running']) }),

  /** Runs that have not ended. Others of the workspace wait to count until this transaction ends. */
  async countActive(): Promise<number> {
    await db.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`active runs of ${workspaceId}`]);
    return db.countBy(RunEntity, { workspaceId, state: In(['queued', 'running']) });
  },

  async events(id: string): Promise<RunEvent[]> {
    const row = await db.findOne(RunEntity, { where: { workspaceId, id }, select: { id: true, events: true } });
    return row?.events ?? [];
  },

  async insert(given: NewRun): Promise<Run> {
    const run: Run = {
      ...given,
      workspaceId,
      state: 'queued',
      attempt: 0,
      code: null,
      reason: null,
      holdId: null,
      usage: [],
      cost: null,
      startedAt: null,
      finishedAt: null,
    };
    await db.insert(RunEntity, asRow(run));
    return run;
  },

  async update(id: string, change: Partial<Run>): Promise<void> {
    await db.update(RunEntity, { workspaceId, id }, asRow(change));
  },
});
export type RunStore = ReturnType<typeof createRunStore>;
