import type { DataRuntime } from '../data/transactional.ts';
import { createUnit } from '../data/transactional.ts';
import { enterTenant } from '../data/tenant.session.ts';
import { retryDelay, scatter } from '../events/delivery.ts';
import { DomainError } from '../http/problem.ts';
import type { Logger } from '../observability/log.ts';
import { JobRefused, type JobFailure, type JobHandler } from './job.ts';
import { LEASE_SECONDS, type JobStore, type LeasedJob } from './job.store.ts';

/** Why an attempt was stopped from outside. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  override readonly cause: 'cancelled' | 'deadline' | 'lease lost' | 'shutdown';
  constructor(cause: JobStopped['cause']) {
    super(`the job was stopped: ${cause}`);
    this.cause = cause;
  }
}

export type AttemptOutcome = 'succeeded' | 'retried' | 'interrupted' | 'failed' | 'cancelled' | 'lost';

const failureOf = (error: unknown, maxAttempts: number): JobFailure => {
  if (error instanceof JobRefused) return { outcome: 'failed', code: error.code, reason: error.message };
  if (error instanceof DomainError) return { outcome: 'failed', code: error.code, reason: error.detail };
  if (error instanceof JobStopped && error.cause === 'deadline')
    return { outcome: 'failed', code: 'job.deadline', reason: 'It took longer than it may.' };
  return { outcome: 'failed', code: 'job.failed', reason: `It failed ${maxAttempts} times in a row.` };
};

/** A refusal that the next attempt would get again. */
const isFinal = (error: unknown): boolean =>
  error instanceof JobRefused || (error instanceof DomainError && error.status < 500 && error.status !== 429);

const isAway = (error: unknown): boolean => error instanceof DomainError && error.status === 503;

/** Milliseconds until a job looks again whether what it needs is back: a tenth of its age, within limits. */
const awayDelay = (ageMs: number, random: () => number): number =>
  scatter(Math.min(60_000, Math.max(1_000, ageMs / 10)), random);

/**
 * Makes one attempt at a leased job: heartbeats while it works, stops it on cancel, deadline or shutdown, and leaves
 * the row in a state that another process can go on from.
 */
export const attemptJob = async (options: {
  job: LeasedJob;
  handler: JobHandler;
  store: JobStore;
  runtime: DataRuntime;
  shutdown: AbortSignal;
  random: () => number;
  log: Logger;
}): Promise<AttemptOutcome> => {
  const { job, handler, store, runtime, shutdown, random, log } = options;
  const { definition } = handler;
  const tenant = { workspaceId: job.workspaceId, userId: job.userId ?? undefined, scopes: job.scopes ?? undefined };
  const stop = new AbortController();
  const halt = (cause: JobStopped['cause']) => stop.abort(new JobStopped(cause));
  const onShutdown = () => halt('shutdown');
  shutdown.addEventListener('abort', onShutdown);
  const deadline = setTimeout(() => halt('deadline'), definition.deadlineMs);
  const heartbeat = setInterval(
    () => {
      store.heartbeat(job).then(
        (alive) => {
          if (!alive) halt('lease lost');
          else if (alive.cancelRequested) halt('cancelled');
        },
        (error: unknown) => log.warn({ err: error, jobId: job.id }, 'a job heartbeat failed'),
      );
    },
    (LEASE_SECONDS * 1000) / 6,
  );

  const giveUp = async (failure: JobFailure): Promise<AttemptOutcome> => {
    let committed = (): void => undefined;
    const ours = await runtime.db.transaction(async (manager) => {
      await enterTenant(manager, tenant);
      if (!(await store.giveUp(manager, job, failure))) return false;
      const made = createUnit(runtime, manager, tenant);
      committed = made.committed;
      await handler.givenUp(made.unit, job.payload, failure);
      return true;
    });
    committed();
    return ours ? failure.outcome : 'lost';
  };

  try {
    if (job.cancelRequested) throw new JobStopped('cancelled');
    if (job.attempts > definition.maxAttempts) throw new Error('every attempt ended without a word');
    const progress = async (percent: number, step: string, checkpoint?: unknown): Promise<void> => {
      stop.signal.throwIfAborted();
      if (!(await store.progress(job, percent, step, checkpoint))) throw new JobStopped('lease lost');
    };
    const { id, payload, checkpoint, attempts } = job;
    await handler.work({ id, payload, tenant, attempt: attempts, checkpoint, signal: stop.signal, progress });
    return (await store.succeed(job)) ? 'succeeded' : 'lost';
  } catch (thrown) {
    const error: unknown = stop.signal.aborted ? stop.signal.reason : thrown;
    const cause = error instanceof JobStopped ? error.cause : undefined;
    if (cause === 'lease lost') return 'lost';
    if (cause === 'cancelled')
      return await giveUp({ outcome: 'cancelled', code: 'job.cancelled', reason: 'It was cancelled.' });
    if (cause === 'shutdown') {
      await store.retry(job, 'Interrupted by a restart.', 0, true);
      return 'interrupted';
    }
    log.warn({ err: thrown, jobId: job.id, kind: job.kind, attempt: job.attempts }, 'a job attempt failed');
    const waits = isAway(error) && job.ageMs < definition.patienceMs;
    if (!waits && (isFinal(error) || job.attempts >= definition.maxAttempts))
      return await giveUp(failureOf(error, definition.maxAttempts));
    const reason = error instanceof Error ? error.message : String(error);
    await store.retry(job, reason, waits ? awayDelay(job.ageMs, random) : retryDelay(job.attempts, random), waits);
    return 'retried';
  } finally {
    clearTimeout(deadline);
    clearInterval(heartbeat);
    shutdown.removeEventListener('abort', onShutdown);
  }
};
