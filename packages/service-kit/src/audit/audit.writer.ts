import type { EntityManager } from 'typeorm';
import type { Tenant } from '../data/tenant.ts';
import { enterTenant } from '../data/tenant.session.ts';
import { newId, NO_WORKSPACE } from '../runtime/ids.ts';
import type { AuditOutcome, AuditTicket } from './audit.ticket.ts';

/** How a request ended, unless a rule noted otherwise. */
export interface AuditEnd {
  readonly outcome: AuditOutcome;
  readonly code?: string;
  /** What the command returned; the id of what it made is the target when nothing else names one. */
  readonly result?: unknown;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const madeBy = (result: unknown): string | undefined => {
  const id = typeof result === 'object' && result !== null && 'id' in result ? result.id : undefined;
  return typeof id === 'string' && UUID.test(id) ? id : undefined;
};

const TARGET_LENGTH = 500;

/**
 * Writes the record of a request as the last statement of a transaction: it moves into the workspace whose log it is,
 * which a sign-in finds out only on the way.
 */
export const writeAudit = async (
  manager: EntityManager,
  tenant: Tenant | undefined,
  ticket: AuditTicket,
  end: AuditEnd,
): Promise<void> => {
  const { note } = ticket;
  const workspaceId = note.workspaceId ?? tenant?.workspaceId ?? NO_WORKSPACE;
  const userId = note.userId ?? tenant?.userId;
  await enterTenant(manager, { workspaceId, userId });
  await manager.query(
    `insert into audit_log (workspace_id, id, at, user_id, actor, credential, operation, outcome, code, target, ip,
       user_agent, request_id, details)
     values ($1, $2, clock_timestamp(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      workspaceId,
      newId(),
      userId ?? null,
      tenant?.actor ?? null,
      ticket.credential,
      ticket.operation,
      note.outcome ?? end.outcome,
      note.code ?? end.code ?? null,
      (note.target ?? ticket.named ?? madeBy(end.result))?.slice(0, TARGET_LENGTH) ?? null,
      ticket.ip,
      ticket.userAgent,
      ticket.requestId,
      JSON.stringify(note.details ?? {}),
    ],
  );
};

/** Records what an operator did outside of any request and workspace, in the transaction that did it. */
export const recordAudit = (
  manager: EntityManager,
  about: { operation: string; requestId: string; target: string },
): Promise<void> => {
  const { operation, requestId, target } = about;
  const nobody = { credential: 'operator', ip: null, userAgent: null };
  const ticket: AuditTicket = { ...nobody, operation, requestId, owed: true, recorded: false, named: target, note: {} };
  return writeAudit(manager, undefined, ticket, { outcome: 'ok' });
};
