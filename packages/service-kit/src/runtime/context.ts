import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditTicket } from '../audit/audit.ticket.ts';
import type { Tracing } from '../observability/tracing.ts';

/** The idempotent command that the current request carries, if any; see data/idempotency.ts. */
export interface Command {
  readonly key: string;
  readonly operation: string;
  /** SHA-256 of method, path and body: the same key with another request is refused. */
  readonly fingerprint: string;
  /** Turns what the command returned into the exact bytes of its first answer. */
  readonly render: (result: unknown) => { status: number; body: string };
  /** Set once a transaction has taken the key; the first one does. */
  claimed: boolean;
  answer?: { status: number; body: string };
}

/** What is known of whoever waits for the answer of a request. */
export interface Arrival {
  /** Whether the client has left. */
  isGone(): boolean;
  /** Whether the database was asked for anything; from then on the work goes on without its client. */
  begun: boolean;
}

/** What rides along a request, an event or a job, into every log line and every call it makes. */
export interface Context {
  readonly requestId: string;
  /** W3C Trace Context header of the current span. */
  readonly traceparent: string;
  /** Where spans of what follows are made; none when absent. */
  readonly tracing?: Tracing;
  /** Stable name of what runs: a route's id, an event type or a job kind. */
  operation: string;
  workspaceId?: string | undefined;
  userId?: string | undefined;
  actor?: string | undefined;
  command?: Command;
  /** Absent for events and jobs, whose work is always wanted. */
  arrival?: Arrival;
  /** The record that the request owes to the audit log, where the service keeps one. */
  audit?: AuditTicket;
  readonly inTransaction?: boolean;
}

const storage = new AsyncLocalStorage<Context>();

/** The context of the current request, event or job; undefined outside of one. */
export const currentContext = (): Context | undefined => storage.getStore();

/** Runs `work` with `context` current, through every await in it. */
export const withContext = <T>(context: Context, work: () => T): T => storage.run(context, work);

/**
 * Runs work that is not the current request's own: others wait for its result too, or it is kept whatever becomes of the
 * request. It goes on when the client leaves, and has no part in the request's command and audit record.
 */
export const apartFromRequest = <T>(work: () => T): T => {
  const context = storage.getStore();
  if (!context) return work();
  const { arrival: _arrival, command: _command, audit: _audit, ...rest } = context;
  return storage.run(rest, work);
};
