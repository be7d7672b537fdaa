import type { DataSource, EntityManager } from 'typeorm';
import type { JobFailure } from './job.ts';

/** A job that this process holds the lease of. */
export interface LeasedJob {
  readonly id: string;
  readonly kind: string;
  readonly workspaceId: string;
  readonly userId: string | null;
  /** Permissions that whoever started it was limited to. */
  readonly scopes: readonly string[] | null;
  readonly payload: unknown;
  readonly checkpoint: unknown;
  readonly attempts: number;
  /** Since it was put in. */
  readonly ageMs: number;
  readonly cancelRequested: boolean;
  readonly leaseToken: string;
  readonly traceparent: string | null;
}

/** Seconds a lease lasts without a heartbeat: what a killed process costs before another takes over. */
export const LEASE_SECONDS = 10;

/** The jobs table, for workers; every change is fenced by the lease token. */
export const createJobStore = (db: DataSource) => ({
  /** Leases a due job, or one whose lease ran out; undefined when there is none. */
  async lease(kind: string, token: string): Promise<LeasedJob | undefined> {
    const [rows]: [LeasedJob[], number] = await db.query(
      `update jobs set state = 'running', attempts = attempts + 1, lease_token = $2,
         lease_until = now() + make_interval(secs => $3)
       where id = (
         select id from jobs
         where kind = $1 and ((state = 'queued' and run_at <= now()) or (state = 'running' and lease_until < now()))
         order by run_at limit 1 for update skip locked)
       returning id, kind, workspace_id as "workspaceId", user_id as "userId", scopes, payload, checkpoint, attempts,
         (extract(epoch from now() - created_at) * 1000)::float8 as "ageMs",
         cancel_requested as "cancelRequested", lease_token as "leaseToken", traceparent`,
      [kind, token, LEASE_SECONDS],
    );
    return rows[0];
  },

  /** Extends a lease; undefined when it was lost, otherwise whether somebody asked to cancel. */
  async heartbeat(job: LeasedJob): Promise<{ cancelRequested: boolean } | undefined> {
    const [rows]: [{ cancelRequested: boolean }[], number] = await db.query(
      `update jobs set lease_until = now() + make_interval(secs => $3)
       where id = $1 and lease_token = $2 and state = 'running' returning cancel_requested as "cancelRequested"`,
      [job.id, job.leaseToken, LEASE_SECONDS],
    );
    return rows[0];
  },

  async progress(job: LeasedJob, percent: number, step: string, checkpoint: unknown): Promise<boolean> {
    const [, count]: [unknown, number] = await db.query(
      `update jobs set progress = $3, step = $4, checkpoint = coalesce($5, checkpoint),
         lease_until = now() + make_interval(secs => $6)
       where id = $1 and lease_token = $2 and state = 'running'`,
      [
        job.id,
        job.leaseToken,
        Math.round(percent),
        step,
        checkpoint === undefined ? null : JSON.stringify(checkpoint),
        LEASE_SECONDS,
      ],
    );
    return count > 0;
  },

  async succeed(job: LeasedJob): Promise<boolean> {
    const [, count]: [unknown, number] = await db.query(
      `update jobs set state = 'succeeded', progress = 100, finished_at = now(), lease_token = null
       where id = $1 and lease_token = $2`,
      [job.id, job.leaseToken],
    );
    return count > 0;
  },

  /** Puts a job back for a later attempt. @param free the attempt does not count */
  async retry(job: LeasedJob, reason: string, delayMs: number, free: boolean): Promise<void> {
    await db.query(
      `update jobs set state = 'queued', reason = $3, lease_token = null, attempts = attempts - $5,
         run_at = now() + make_interval(secs => $4)
       where id = $1 and lease_token = $2`,
      [job.id, job.leaseToken, reason, delayMs / 1000, free ? 1 : 0],
    );
  },

  /** Ends a job inside the transaction that also sets what people see; false when the lease was lost. */
  async giveUp(manager: EntityManager, job: LeasedJob, failure: JobFailure): Promise<boolean> {
    const [, count]: [unknown, number] = await manager.query(
      `update jobs set state = $3, reason = $4, finished_at = now(), lease_token = null
       where id = $1 and lease_token = $2`,
      [job.id, job.leaseToken, failure.outcome, failure.reason],
    );
    return count > 0;
  },

  /** Kinds that have work to do now. */
  async dueKinds(): Promise<string[]> {
    const rows: { kind: string }[] = await db.query(
      `select distinct kind from jobs
       where (state = 'queued' and run_at <= now()) or (state = 'running' and lease_until < now())`,
    );
    return rows.map(({ kind }) => kind);
  },

  /** Forgets jobs that ended and inbox rows whose events can no longer be sent again. */
  async purge(): Promise<void> {
    await db.query(`delete from jobs where finished_at < now() - interval '30 days'`);
    await db.query(`delete from inbox where received_at < now() - interval '30 days'`);
  },
});
export type JobStore = ReturnType<typeof createJobStore>;
