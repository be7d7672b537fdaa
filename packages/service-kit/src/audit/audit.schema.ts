import type { DataSource, QueryRunner } from 'typeorm';
import { protectTable } from '../data/isolation.ts';
import { roleOf } from '../data/migrate.ts';

/** What comes before the first record of a chain. */
export const FIRST_HASH = `'\\x${'00'.repeat(32)}'::bytea`;

/**
 * SHA-256 of a record and of the one before, as SQL over a row's columns. JSON keeps fields apart whatever is in
 * them; times are written in one zone and with all their digits. The trigger and the check both use it.
 * @param row name of the row in the surrounding SQL
 */
export const digestOf = (row: string): string => `sha256(convert_to(jsonb_build_array(
  encode(${row}.previous_hash, 'hex'), ${row}.workspace_id, ${row}.sequence, ${row}.id,
  to_char(${row}.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), ${row}.user_id, ${row}.actor, ${row}.credential,
  ${row}.operation, ${row}.outcome, ${row}.code, ${row}.target, host(${row}.ip), ${row}.user_agent, ${row}.request_id,
  ${row}.details)::text, 'UTF8'))`;

/** The index that reading by time goes along; schemas whose log is older than it get it by a migration of their own. */
export const indexAuditLog = (runner: QueryRunner): Promise<unknown> =>
  runner.query(`create index if not exists audit_log_by_time on audit_log (workspace_id, at desc, id desc)`);

/**
 * Creates a schema's audit log, from a migration: append-only, one chain of hashes a workspace. The database numbers
 * and chains the records itself, so the service's role can neither choose a place in the chain nor touch a record or
 * a chain's head afterwards; a trigger refuses changes to everybody.
 */
export const createAuditLog = async (runner: QueryRunner, schema: string): Promise<void> => {
  await runner.query(`
    create table audit_log (
      workspace_id uuid not null,
      sequence bigint not null,
      id uuid not null unique,
      at timestamptz not null,
      user_id uuid,
      actor text,
      credential text,
      operation text not null,
      outcome text not null check (outcome in ('ok', 'denied', 'failed')),
      code text,
      target text,
      ip inet,
      user_agent text,
      request_id text not null,
      details jsonb not null,
      previous_hash bytea not null,
      hash bytea not null,
      primary key (workspace_id, sequence)
    )`);
  await runner.query(`create index audit_log_of_user on audit_log (workspace_id, user_id, sequence desc)`);
  await runner.query(`create index audit_log_of_operation on audit_log (workspace_id, operation, sequence desc)`);
  await indexAuditLog(runner);
  await runner.query(`
    create table audit_heads (workspace_id uuid primary key, sequence bigint not null, hash bytea not null)`);
  await protectTable(runner, 'audit_log');
  await protectTable(runner, 'audit_heads');
  await runner.query(`
    create function audit_append() returns trigger language plpgsql security definer
      set search_path = ${schema}, pg_temp as $$
    begin
      -- The head's row lock makes the workspace's records one after the other.
      insert into audit_heads values (new.workspace_id, 1, ${FIRST_HASH})
        on conflict (workspace_id) do update set sequence = audit_heads.sequence + 1
        returning sequence, hash into new.sequence, new.previous_hash;
      new.hash := ${digestOf('new')};
      update audit_heads set hash = new.hash where workspace_id = new.workspace_id;
      return new;
    end $$`);
  await runner.query(`
    create function audit_refuse() returns trigger language plpgsql as $$
    begin
      raise exception 'the audit log is append-only' using errcode = '42501';
    end $$`);
  await runner.query(
    `create trigger audit_append before insert on audit_log for each row execute function audit_append()`,
  );
  await runner.query(
    `create trigger audit_keep before update or delete on audit_log for each row execute function audit_refuse()`,
  );
  await runner.query(
    `create trigger audit_keep_all before truncate on audit_log for each statement execute function audit_refuse()`,
  );
  await runner.query(`revoke update, delete, truncate on audit_log from ${roleOf(schema)}`);
  await runner.query(`revoke all on audit_heads from ${roleOf(schema)}`);
};

/** Undoes `createAuditLog`. */
export const dropAuditLog = async (runner: QueryRunner): Promise<void> => {
  await runner.query('drop table audit_log, audit_heads');
  await runner.query('drop function audit_append(), audit_refuse()');
};

/** @throws Error when no migration has made the log, so that nobody finds out by a command that fails */
export const requireAuditLog = async (
  db: DataSource,
  { name, schema }: { name: string; schema: string },
): Promise<void> => {
  const [found]: { there: string | null }[] = await db.query('select to_regclass($1)::text as there', [
    `${schema}.audit_log`,
  ]);
  if (!found?.there)
    throw new Error(`${name} has no audit log: call createAuditLog(runner, '${schema}') in a migration, and migrate.`);
};
