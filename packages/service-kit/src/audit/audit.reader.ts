import type { AuditPart, AuditRecord } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import type { Tenant } from '../data/tenant.ts';

type Row = Omit<AuditRecord, 'actor'> & AuditRecord['actor'] & { readonly actor: string | null };

const present = ({ userId, actor, credential, ip, userAgent, ...record }: Row): AuditRecord => ({
  ...record,
  actor: { userId, service: actor, credential, ip, userAgent },
});

/** Reads a workspace's log, the newest record first. */
export const createAuditReader = (manager: EntityManager, { workspaceId }: Tenant) => ({
  async list({ limit, actor, operation, from, to, before, beforeId }: AuditPart): Promise<AuditRecord[]> {
    const rows: Row[] = await manager.query(
      `select id, sequence::int as sequence, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
         user_id as "userId", actor, credential, operation, outcome, code, target, host(ip) as ip,
         user_agent as "userAgent", request_id as "requestId", details, encode(hash, 'hex') as hash
       from audit_log
       where workspace_id = $1 and ($2::uuid is null or user_id = $2) and ($3::text is null or operation = $3)
         and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
         and ($6::timestamptz is null or (at, id) < ($6::timestamptz, $7::uuid))
       order by audit_log.at desc, id desc limit $8`,
      [
        workspaceId,
        actor ?? null,
        operation ?? null,
        from ? new Date(from) : null,
        to ? new Date(to) : null,
        before ?? null,
        beforeId ?? null,
        limit,
      ],
    );
    return rows.map(present);
  },
});
export type AuditReader = ReturnType<typeof createAuditReader>;
