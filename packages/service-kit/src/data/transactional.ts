import type { DataSource, EntityManager } from 'typeorm';
import type { AuditTicket } from '../audit/audit.ticket.ts';
import { writeAudit } from '../audit/audit.writer.ts';
import type { Outbox, OutboxWriter } from '../events/outbox.ts';
import type { JobQueue, JobWriter } from '../jobs/job.queue.ts';
import { currentContext, withContext, type Context } from '../runtime/context.ts';
import { claimCommand, recordCommand } from './idempotency.ts';
import { retryTransaction } from './retry.ts';
import type { Tenant } from './tenant.ts';
import { enterTenant } from './tenant.session.ts';

/** What a service is built from inside one transaction. */
export interface Unit {
  readonly manager: EntityManager;
  readonly tenant: Tenant;
  readonly outbox: Outbox;
  readonly jobs: JobQueue;
  /** Runs after the commit, best effort: nothing that must happen belongs here. */
  afterCommit(work: () => void): void;
}

/** The parts a transaction works with; one a service. */
export interface DataRuntime {
  readonly db: DataSource;
  readonly outbox: OutboxWriter;
  readonly jobs: JobWriter;
}

/** A service that is rebuilt on a transaction of a tenant for each piece of work. */
export interface Transactional<Service> {
  /** Runs a command: everything it writes, and its events, jobs and idempotency record, commits together or not at all. */
  run<Result>(tenant: Tenant, work: (service: Service) => Promise<Result>): Promise<Result>;
  /**
   * Writes something on the way to the request's command, such as a try that is used up: under no idempotency key and
   * without the request's audit record, which belong to the command.
   */
  prepare<Result>(tenant: Tenant, work: (service: Service) => Promise<Result>): Promise<Result>;
  /** Runs a query in a read-only transaction. */
  read<Result>(tenant: Tenant, work: (service: Service) => Promise<Result>): Promise<Result>;
}

/** Builds the unit of a transaction that is already open and in its tenant. */
export const createUnit = (
  runtime: DataRuntime,
  manager: EntityManager,
  tenant: Tenant,
): { unit: Unit; committed: () => void } => {
  const later: (() => void)[] = [];
  const afterCommit = (work: () => void): void => void later.push(work);
  const outbox = runtime.outbox.on(manager, tenant, afterCommit);
  const jobs = runtime.jobs.on(manager, tenant, afterCommit);
  return { unit: { manager, tenant, outbox, jobs, afterCommit }, committed: () => later.forEach((work) => work()) };
};

const attempt = async <Service, Result>(
  runtime: DataRuntime,
  tenant: Tenant,
  make: (unit: Unit) => Service,
  work: (service: Service) => Promise<Result>,
  context: Context | null | undefined,
): Promise<Result> => {
  const command = context?.command?.claimed === false ? context.command : undefined;
  let committed = (): void => undefined;
  let due: AuditTicket | undefined;
  const result = await runtime.db.transaction(async (manager) => {
    await enterTenant(manager, tenant);
    if (command) await claimCommand(manager, tenant, command);
    const { unit, committed: done } = createUnit(runtime, manager, tenant);
    committed = done;
    const value = await work(make(unit));
    if (command) {
      command.answer = command.render(value);
      await recordCommand(manager, tenant, command, command.answer);
    }
    // Last, since it may move the transaction into another workspace.
    due = context?.audit?.recorded === false && context.audit.owed ? context.audit : undefined;
    if (due) await writeAudit(manager, tenant, due, { outcome: 'ok', result: value });
    return value;
  });
  if (command) command.claimed = true;
  if (due) due.recorded = true;
  committed();
  return result;
};

/** Transactions do not nest: an inner one would commit what the outer one may still undo. */
const once = <Result>(work: () => Promise<Result>): Promise<Result> => {
  const context = currentContext();
  if (!context) return work();
  if (context.inTransaction) throw new Error('a transaction was opened inside another one');
  return withContext({ ...context, inTransaction: true }, work);
};

/**
 * Binds a service to transactions: `run` opens one, sets the tenant for row-level security, takes the request's
 * idempotency key, builds the service on it and commits. No transaction parameter travels through the code.
 */
export const transactional = <Service>(
  runtime: DataRuntime,
  make: (unit: Unit) => Service,
): Transactional<Service> => ({
  run: (tenant, work) =>
    once(() => {
      const context = currentContext();
      const keyed = context?.command?.claimed === false;
      // What was committed after all is found by its key, and its answer is given.
      return retryTransaction(() => attempt(runtime, tenant, make, work, context), keyed);
    }),
  prepare: (tenant, work) => once(() => retryTransaction(() => attempt(runtime, tenant, make, work, null))),
  read: (tenant, work) =>
    once(() =>
      retryTransaction(
        () =>
          runtime.db.transaction(async (manager) => {
            await enterTenant(manager, tenant, 'read only');
            return work(make(createUnit(runtime, manager, tenant).unit));
          }),
        true,
      ),
    ),
});
