import type { Unit } from '../data/transactional.ts';
import { conflict, notFound } from '../http/problem.ts';
import type { Cursor } from '../http/page.ts';
import type { JobHandler } from './job.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** A job as operators see it; its payload is the service's own. */
export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly step: string | null;
  readonly progress: number;
  readonly attempts: number;
  readonly reason: string | null;
  readonly cancelRequested: boolean;
  readonly runAt: Date;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, kind, state, step, progress, attempts, reason, cancel_requested as "cancelRequested",
  run_at as "runAt", created_at as "createdAt", finished_at as "finishedAt"`;

/**
 * What an operator may do with the jobs of their workspace, in one transaction.
 * @param wake has the kind's workers look again, after the commit
 */
export const createJobOperations = (
  { manager, tenant, ...unit }: Unit,
  handlers: readonly JobHandler[],
  wake: (kind: string) => void,
) => {
  const read = async (id: string): Promise<JobRow & { payload: unknown }> => {
    const [row]: [(JobRow & { payload: unknown }) | undefined] = await manager.query(
      `select ${COLUMNS}, payload from jobs where id = $1 and workspace_id = $2 for update`,
      [id, tenant.workspaceId],
    );
    return row ?? notFound('job', id);
  };
  const changed = async (id: string, kind: string, set: string): Promise<JobRow> => {
    const [rows]: [JobRow[], number] = await manager.query(
      `update jobs set ${set} where id = $1 and workspace_id = $2 returning ${COLUMNS}`,
      [id, tenant.workspaceId],
    );
    unit.afterCommit(() => wake(kind));
    return rows[0] ?? notFound('job', id);
  };

  return {
    /** Newest first, as their ids are made. */
    async list(filter: { state?: JobState | undefined; kind?: string | undefined }, limit: number, after?: Cursor) {
      const rows: JobRow[] = await manager.query(
        `select ${COLUMNS} from jobs
         where workspace_id = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
           and ($4::uuid is null or id < $4)
         order by id desc limit $5`,
        [tenant.workspaceId, filter.state ?? null, filter.kind ?? null, after?.id ?? null, limit],
      );
      return rows;
    },

    /** Has it stop at its next chance; one that waits for later ends now. @throws DomainError 404, 409 `job.ended` */
    async cancel(id: string): Promise<JobRow> {
      const { kind, state } = await read(id);
      if (state !== 'queued' && state !== 'running')
        throw conflict('job.ended', `The job is ${state}; there is nothing to cancel.`);
      return changed(id, kind, `cancel_requested = true, run_at = least(run_at, now())`);
    },

    /**
     * Tries a job again that failed or was cancelled, with all its attempts; one that waits begins now.
     * @throws DomainError 404, 409 `job.not_waiting`, or what its service has against it
     */
    async retry(id: string): Promise<JobRow> {
      const { kind, state, payload } = await read(id);
      if (state === 'queued') return changed(id, kind, 'run_at = now()');
      if (state !== 'failed' && state !== 'cancelled')
        throw conflict(
          'job.not_waiting',
          `The job is ${state}; only one that failed, was cancelled or waits can be retried.`,
        );
      const handler = handlers.find(({ definition }) => definition.kind === kind);
      await handler?.retried?.({ manager, tenant, ...unit }, payload);
      return changed(
        id,
        kind,
        `state = 'queued', attempts = 0, progress = 0, step = null, reason = null, cancel_requested = false,
         finished_at = null, run_at = now()`,
      );
    },
  };
};
export type JobOperations = ReturnType<typeof createJobOperations>;
