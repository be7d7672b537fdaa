import { findIsolationGaps, roleOf, type ServiceDefinition } from '@atrium/service-kit';
import { DataSource } from 'typeorm';
import { countFaults, type Proof } from '../harness/proof.ts';

/** The catalogue of Postgres: every table with a tenant is protected, and the services' roles are bound by it. */
export const catalogue: Proof = {
  id: 'I1',
  title: 'row-level security catalogue',
  gate: '0 unprotected tables',
  async run({ platform, world }) {
    await world.house();
    const { database } = platform;
    const faults: string[] = [];
    let tables = 0;
    const db = await new DataSource({
      type: 'postgres',
      url: database.adminUrl,
      installExtensions: false,
      extra: { max: 2 },
    }).initialize();
    try {
      for (const { schema, shared } of platform.definitions as readonly ServiceDefinition[]) {
        if (!schema) continue;
        const role = roleOf(schema);
        for (const { table, problem } of await findIsolationGaps(db, schema, shared))
          faults.push(`${schema}.${table} ${problem}`);
        const [found] = await database.query<{ super: boolean; bypass: boolean; members: number }>(
          `select rolsuper as super, rolbypassrls as bypass,
             (select count(*)::int from pg_auth_members where member = r.oid) as members from pg_roles r where rolname = $1`,
          [role],
        );
        if (!found || found.super || found.bypass || found.members > 0)
          faults.push(`${role} is more than a plain role`);
        const owned = await database.query<{ table: string }>(
          `select c.relname as "table" from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = $1`,
          [role],
        );
        for (const { table } of owned) faults.push(`${role} owns ${table}, so it could unprotect it`);
        const elsewhere = await database.query<{ name: string }>(
          `select distinct table_schema || '.' || table_name as name from information_schema.role_table_grants
           where grantee = $1 and table_schema not in ($2, 'pg_catalog', 'information_schema')`,
          [role, schema],
        );
        for (const { name } of elsewhere) faults.push(`${role} may touch ${name}`);
        const views = await database.query<{ name: string }>(
          `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = $1 and c.relkind in ('v', 'm') and not coalesce('security_invoker=true' = any(c.reloptions), false)`,
          [schema],
        );
        for (const { name } of views) faults.push(`the view ${schema}.${name} reads with its owner's rights`);
        const definers = await database.query<{ name: string }>(
          `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname = $1 and p.prosecdef and not coalesce(p.proconfig::text like '%search_path%', false)`,
          [schema],
        );
        for (const { name } of definers)
          faults.push(`${schema}.${name} runs with its owner's rights and no fixed search_path`);
        const [count] = await database.query<{ count: number }>(
          `select count(*)::int as count from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = $1 and c.relkind in ('r', 'p')`,
          [schema],
        );
        tables += count?.count ?? 0;
      }
    } finally {
      await db.destroy();
    }
    return countFaults(faults, `${tables} tables`);
  },
};
