import type { EntityManager } from 'typeorm';
import { DomainError } from '../http/problem.ts';
import type { Command } from '../runtime/context.ts';
import { NO_WORKSPACE } from '../runtime/ids.ts';
import type { Tenant } from './tenant.ts';

/** Thrown out of a transaction when its command was done before; carries the first answer, byte for byte. */
export class Replay extends Error {
  override readonly name = 'Replay';
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string) {
    super('this command was done before');
    this.status = status;
    this.body = body;
  }
}

interface Seen {
  operation: string;
  fingerprint: string;
  status: number | null;
  body: string | null;
}

const owner = (tenant: Tenant): [string, string] => [tenant.workspaceId, tenant.userId ?? NO_WORKSPACE];

export const keyInProgress = (): DomainError =>
  new DomainError('idempotency.in_progress', 409, 'A request with this Idempotency-Key is still running.', {
    headers: { 'retry-after': '1' },
  });
export const keyMismatch = (): DomainError =>
  new DomainError('idempotency.mismatch', 422, 'This Idempotency-Key was used for a different request.');

/**
 * Takes an idempotency key inside the command's transaction.
 * @throws Replay when it was done before; DomainError 409 while another attempt runs, 422 when the key was used for
 * another request (draft-ietf-httpapi-idempotency-key-header)
 */
export const claimCommand = async (manager: EntityManager, tenant: Tenant, command: Command): Promise<void> => {
  const [workspaceId, userId] = owner(tenant);
  const [lock]: [{ taken: boolean }] = await manager.query(
    `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken`,
    [`${workspaceId}:${userId}:${command.key}`],
  );
  if (!lock.taken) throw keyInProgress();
  const [seen]: Seen[] = await manager.query(
    `select operation, fingerprint, status, body from idempotency_keys
     where workspace_id = $1 and user_id = $2 and key = $3`,
    [workspaceId, userId, command.key],
  );
  if (!seen) return;
  if (seen.operation !== command.operation || seen.fingerprint !== command.fingerprint) throw keyMismatch();
  throw new Replay(seen.status ?? 200, seen.body ?? '');
};

/** Stores the first answer beside the command's effects, in the same transaction; keys are forgotten after a week. */
export const recordCommand = async (
  manager: EntityManager,
  tenant: Tenant,
  command: Command,
  answer: { status: number; body: string },
): Promise<void> => {
  await manager.query(
    `with forgotten as (
       delete from idempotency_keys where workspace_id = $1 and created_at < now() - interval '7 days')
     insert into idempotency_keys (workspace_id, user_id, key, operation, fingerprint, status, body)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [...owner(tenant), command.key, command.operation, command.fingerprint, answer.status, answer.body],
  );
};
