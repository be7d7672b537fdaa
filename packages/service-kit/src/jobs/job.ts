import type { z } from 'zod';
import type { Tenant } from '../data/tenant.ts';
import type { Unit } from '../data/transactional.ts';

/** The declaration of a kind of long work, apart from what does it. */
export interface JobDefinition<Payload extends z.ZodType = z.ZodType> {
  /** Stable name, `<noun>.<verb>`. */
  readonly kind: string;
  readonly payload: Payload;
  /** Attempts before it is given up; an attempt that a shutdown interrupts does not count. */
  readonly maxAttempts: number;
  /** How many of this kind one process works on at once. */
  readonly concurrency: number;
  /** Milliseconds after which an attempt is stopped. */
  readonly deadlineMs: number;
  /**
   * How long after it was begun a job waits for what it needs and is away (503), in milliseconds; such attempts do not
   * count. 0: as any failure, since somebody waits for the end.
   */
  readonly patienceMs: number;
}

export const defineJob = <Payload extends z.ZodType>(
  kind: string,
  payload: Payload,
  options: Partial<Omit<JobDefinition, 'kind' | 'payload'>> = {},
): JobDefinition<Payload> => ({
  ...{ kind, payload, maxAttempts: 5, concurrency: 2, deadlineMs: 300_000, patienceMs: 0 },
  ...options,
});

/** One attempt at a job, as its handler sees it. */
export interface JobAttempt<Payload> {
  readonly id: string;
  readonly payload: Payload;
  readonly tenant: Tenant;
  /** 1 for the first. */
  readonly attempt: number;
  /** What an earlier attempt saved, or null; the place to resume from. */
  readonly checkpoint: unknown;
  /** Aborted on cancel, deadline, lost lease and shutdown; the reason says which. */
  readonly signal: AbortSignal;
  /** Saves where the work is; also extends the lease. @param percent 0–100 */
  progress(percent: number, step: string, checkpoint?: unknown): Promise<void>;
}

/** A handler bound to its definition. */
export interface JobHandler {
  readonly definition: JobDefinition;
  work(attempt: JobAttempt<unknown>): Promise<void>;
  /** Runs in the transaction that gives the job up, in its workspace. */
  givenUp(unit: Unit, payload: unknown, failure: JobFailure): Promise<void>;
  /** Runs in the transaction that puts a job back that had ended without success. */
  retried?(unit: Unit, payload: unknown): Promise<void>;
}

/** Why a job ended without success; `reason` is for people. */
export interface JobFailure {
  readonly outcome: 'failed' | 'cancelled';
  readonly code: string;
  readonly reason: string;
}

/**
 * Binds work to a job definition. The work writes through its own transactions; each step must be safe to repeat.
 * @param givenUp sets the rows that people see to their final state when no attempt is left
 * @param retried sets them back when an operator tries the job again, or throws what stands against it
 */
export const jobHandler = <Payload extends z.ZodType>(
  definition: JobDefinition<Payload>,
  handlers: {
    work: (attempt: JobAttempt<z.output<Payload>>) => Promise<void>;
    givenUp: (unit: Unit, payload: z.output<Payload>, failure: JobFailure) => Promise<void>;
    retried?: (unit: Unit, payload: z.output<Payload>) => Promise<void>;
  },
): JobHandler => ({
  definition,
  work: (attempt) => handlers.work({ ...attempt, payload: definition.payload.parse(attempt.payload) }),
  givenUp: (unit, payload, failure) => handlers.givenUp(unit, definition.payload.parse(payload), failure),
  retried: async (unit, payload) => handlers.retried?.(unit, definition.payload.parse(payload)),
});

/** Thrown by a handler when trying again cannot help; the job ends as failed at once. */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
  readonly code: string;
  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}
