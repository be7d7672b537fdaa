import { DataSource } from 'typeorm';
import { digestOf, FIRST_HASH } from './audit.schema.ts';

/** The first place where a workspace's chain of records does not hold, and why. */
export interface AuditBreak {
  readonly schema: string;
  readonly workspaceId: string;
  readonly sequence: number;
  readonly problem: 'missing' | 'changed' | 'unlinked' | 'cut_off';
}

export interface AuditReport {
  readonly records: number;
  readonly chains: number;
  readonly breaks: readonly AuditBreak[];
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Walks every chain of a schema in one query; the digest is computed from what is stored and compared. */
const walk = (schema: string): string => `
  with rows as (
    select r.*, coalesce(lag(r.hash) over w, ${FIRST_HASH}) as hash_before,
      coalesce(lag(r.sequence) over w, 0) as sequence_before
    from ${identifier(schema)}.audit_log r
    window w as (partition by r.workspace_id order by r.sequence)
  ), broken as (
    select workspace_id, sequence, case
        when sequence <> sequence_before + 1 then 'missing'
        when hash is distinct from ${digestOf('rows')} then 'changed'
        when previous_hash is distinct from hash_before then 'unlinked'
      end as problem
    from rows
    union all
    select coalesce(h.workspace_id, l.workspace_id), coalesce(l.sequence, 0) + 1, 'cut_off'
    from ${identifier(schema)}.audit_heads h
    full join (
      select distinct on (workspace_id) workspace_id, sequence, hash
      from ${identifier(schema)}.audit_log order by workspace_id, sequence desc
    ) l on l.workspace_id = h.workspace_id
    where h.sequence is distinct from l.sequence or h.hash is distinct from l.hash
  )
  select distinct on (workspace_id) workspace_id as "workspaceId", sequence::int as sequence, problem
  from broken where problem is not null order by workspace_id, sequence`;

/**
 * Checks the audit logs of an installation: no record changed, missing, moved or cut off at the end.
 * @param adminUrl a role that row-level security does not hold back
 * @param schemas those of services that keep a log; others are passed over
 * @throws Error when the role would see only part of the rows
 */
export const verifyAudit = async (options: { adminUrl: string; schemas: readonly string[] }): Promise<AuditReport> => {
  const db = new DataSource({ type: 'postgres', url: options.adminUrl, installExtensions: false, extra: { max: 1 } });
  await db.initialize();
  try {
    const [role]: { sees: boolean }[] = await db.query(
      `select rolsuper or rolbypassrls as sees from pg_roles where rolname = current_user`,
    );
    if (!role?.sees)
      throw new Error('The audit log can only be checked by a database role that is a superuser or has BYPASSRLS.');
    let [records, chains] = [0, 0];
    const breaks: AuditBreak[] = [];
    for (const schema of options.schemas) {
      const [found]: { table: string | null }[] = await db.query('select to_regclass($1) as "table"', [
        `${identifier(schema)}.audit_log`,
      ]);
      if (!found?.table) continue;
      const [count]: { records: number; chains: number }[] = await db.query(
        `select count(*)::int as records, count(distinct workspace_id)::int as chains
         from ${identifier(schema)}.audit_log`,
      );
      records += count?.records ?? 0;
      chains += count?.chains ?? 0;
      const broken: Omit<AuditBreak, 'schema'>[] = await db.query(walk(schema));
      breaks.push(...broken.map((one) => ({ schema, ...one })));
    }
    return { records, chains, breaks };
  } finally {
    await db.destroy();
  }
};
