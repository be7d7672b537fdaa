import type { EntityManager } from 'typeorm';
import type { Tenant } from '../data/tenant.ts';
import type { AuditOutcome } from './audit.ticket.ts';

/** A record as it is read. */
export interface AuditRecord {
  readonly id: string;
  readonly sequence: number;
  readonly at: Date;
  readonly userId: string | null;
  readonly actor: string | null;
  readonly credential: string | null;
  readonly operation: string;
  readonly outcome: AuditOutcome;
  readonly code: string | null;
  readonly target: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly details: Record<string, unknown>;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Which records are wanted; `before` is a place in the chain, newer ones are left out. */
export interface AuditFilter {
  readonly userId?: string | undefined;
  readonly operation?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly before?: number | undefined;
}

/** Reads a workspace's log, the newest record first. */
export const createAuditReader = (manager: EntityManager, { workspaceId }: Tenant) => ({
  list: (filter: AuditFilter, limit: number): Promise<AuditRecord[]> =>
    manager.query(
      `select id, sequence::int as sequence, at, user_id as "userId", actor, credential, operation, outcome, code,
         target, host(ip) as ip, user_agent as "userAgent", request_id as "requestId", details,
         encode(hash, 'hex') as hash
       from audit_log
       where workspace_id = $1 and ($2::uuid is null or user_id = $2) and ($3::text is null or operation = $3)
         and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
         and ($6::bigint is null or sequence < $6)
       order by sequence desc limit $7`,
      [
        workspaceId,
        filter.userId ?? null,
        filter.operation ?? null,
        filter.from ?? null,
        filter.to ?? null,
        filter.before ?? null,
        limit,
      ],
    ),
});
export type AuditReader = ReturnType<typeof createAuditReader>;
