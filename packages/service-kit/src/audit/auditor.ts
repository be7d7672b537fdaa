import type { Request } from 'express';
import type { DataSource } from 'typeorm';
import type { Tenant } from '../data/tenant.ts';
import { Replay } from '../data/idempotency.ts';
import { toDomainError } from '../http/problem.ts';
import type { ClientOf } from '../http/client.ts';
import type { Route } from '../http/route.ts';
import type { Logger } from '../observability/log.ts';
import { currentContext } from '../runtime/context.ts';
import type { Identity } from '../security/token.ts';
import type { AuditTicket } from './audit.ticket.ts';
import { writeAudit, type AuditEnd } from './audit.writer.ts';

/** Sees to it that each operation that changes something, and each refusal, leaves exactly one record. */
export interface Auditor {
  /** Begins the record of a request; the transaction of its command takes it, or else `settle` does. */
  open(route: Route, req: Request, identity: Identity | undefined): AuditTicket | undefined;
  /** Writes the record that no transaction has taken. @param end what the request ended with */
  settle(
    ticket: AuditTicket | undefined,
    tenant: Tenant | undefined,
    end: { result: unknown } | { error: unknown },
  ): Promise<void>;
  /** Records that somebody asked for what they may not do, reading included. */
  deny(route: Route, req: Request, identity: Identity): Promise<void>;
}

/** Whether an operation leaves a record when it is done. */
export const isAudited = ({ method, surface, audit }: Route): boolean =>
  (method !== 'get' || audit === 'always') && (surface ?? 'api') === 'api';

const endOf = (error: unknown): AuditEnd => {
  const { code, status } = toDomainError(error);
  return { outcome: [401, 403, 429].includes(status) ? 'denied' : 'failed', code };
};

const credentialOf = (identity: Identity | undefined): string | null => {
  if (identity?.keyId !== undefined) return `key:${identity.keyId}`;
  return identity?.sessionId === undefined ? null : `session:${identity.sessionId}`;
};

export const createAuditor = ({ db, clientOf, log }: { db: DataSource; clientOf: ClientOf; log: Logger }): Auditor => {
  const ticketOf = (route: Route, req: Request, identity: Identity | undefined): AuditTicket => ({
    ...clientOf(req),
    operation: route.id,
    requestId: currentContext()?.requestId ?? 'none',
    credential: credentialOf(identity),
    owed: route.audit !== 'refusals',
    recorded: false,
    named: typeof req.params['id'] === 'string' ? req.params['id'] : undefined,
    note: {},
  });
  const write = (ticket: AuditTicket, tenant: Tenant | undefined, end: AuditEnd): Promise<void> => {
    ticket.recorded = true;
    return db.transaction((manager) => writeAudit(manager, tenant, ticket, end));
  };
  /** A refusal stays a refusal when it cannot be recorded; the log of the process has it then. */
  const writeRefusal = (ticket: AuditTicket, tenant: Tenant | undefined, end: AuditEnd): Promise<void> =>
    write(ticket, tenant, end).catch((error: unknown) =>
      log.error({ err: error, operation: ticket.operation, ...end }, 'an audit record could not be written'),
    );
  return {
    open: (route, req, identity) => (isAudited(route) ? ticketOf(route, req, identity) : undefined),
    async settle(ticket, tenant, end) {
      if (!ticket || ticket.recorded) return;
      if ('result' in end) {
        if (ticket.owed) await write(ticket, tenant, { outcome: 'ok', ...end });
      } else if (!(end.error instanceof Replay)) await writeRefusal(ticket, tenant, endOf(end.error));
    },
    deny: (route, req, identity) =>
      writeRefusal(ticketOf(route, req, identity), identity.tenant, { outcome: 'denied', code: 'access.forbidden' }),
  };
};
