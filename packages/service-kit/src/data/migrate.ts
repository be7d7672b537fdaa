import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type MigrationInterface } from 'typeorm';
import { JobList1700000000040 } from './migrations/job.list.migration.ts';
import { KitErasure1775000000000 } from './migrations/erasure.migration.ts';
import { JobScopes1700000000001 } from './migrations/job.scopes.migration.ts';
import { Kit1700000000000 } from './migrations/kit.migration.ts';

/** What every schema gets before its own tables. */
export const kitMigrations: readonly MigrationClass[] = [
  Kit1700000000000,
  JobScopes1700000000001,
  JobList1700000000040,
  KitErasure1775000000000,
];

/** A migration class; its name ends in the timestamp that orders it. */
export type MigrationClass = new () => MigrationInterface;

/** What a service needs from a database. */
export interface SchemaOwner {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The role a service runs as: it may read and write rows of its own schema and do nothing else. */
export const roleOf = (schema: string): string => `atrium_${schema}`;

const prepareSchema = async (admin: DataSource, schema: string, password: string): Promise<void> => {
  const role = quote(roleOf(schema));
  const name = quote(schema);
  const known: unknown[] = await admin.query('select 1 from pg_roles where rolname = $1', [roleOf(schema)]);
  const attributes = 'login nosuperuser nocreatedb nocreaterole noinherit nobypassrls noreplication';
  await admin.query(
    `${known.length > 0 ? 'alter' : 'create'} role ${role} ${attributes} password ${literal(password)}`,
  );
  await admin.query(`create schema if not exists ${name}`);
  await admin.query(`revoke all on schema ${name} from public`);
  await admin.query(`grant usage on schema ${name} to ${role}`);
  await admin.query(
    `alter default privileges in schema ${name} grant select, insert, update, delete on tables to ${role}`,
  );
  await admin.query(`alter default privileges in schema ${name} grant usage on sequences to ${role}`);
  await admin.query(`alter default privileges in schema ${name} grant execute on functions to ${role}`);
};

/** Whoever waits for a lock holds up everybody behind it, so a migration waits this long at most, then lets go. */
const LOCK_MS = 200;
/** How long it tries again, with pauses in which the others get through. */
const PATIENCE_MS = 60_000;

/** `lock_not_available` (Postgres, appendix A), also inside the error of a query. */
const isLockTimeout = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && Reflect.get(error, 'code') === '55P03';

const patiently = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const end = Date.now() + PATIENCE_MS;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isLockTimeout(error) || Date.now() > end) throw error;
      await sleep(pause);
    }
  }
};

/** The migrations a schema has had, in order. */
const ranIn = async (db: DataSource, schema: string): Promise<string[]> => {
  const table = `${quote(schema)}.migrations`;
  const [found]: { there: boolean }[] = await db.query('select to_regclass($1) is not null as there', [table]);
  if (!found?.there) return [];
  const rows: { name: string }[] = await db.query(`select name from ${table} order by id`);
  return rows.map(({ name }) => name);
};

const runMigrations = async (
  adminUrl: string,
  { schema, migrations }: SchemaOwner,
  only: ReadonlySet<string> | undefined,
): Promise<string[]> => {
  const db = new DataSource({
    type: 'postgres',
    url: adminUrl,
    schema,
    migrations: [...kitMigrations, ...migrations].filter(({ name }) => only?.has(name) ?? true),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    extra: { max: 1, options: `-c search_path=${schema},public -c lock_timeout=${LOCK_MS}` },
  });
  await db.initialize();
  try {
    const before = await ranIn(db, schema);
    // One that had to let go is begun again; those before it are done.
    await patiently(() => db.runMigrations());
    return (await ranIn(db, schema)).slice(before.length).map((name) => `${schema}/${name}`);
  } finally {
    await db.destroy();
  }
};

/** Extensions the services can use, where the server has them; `vector` alone is optional. */
const installExtensions = async (admin: DataSource): Promise<void> => {
  const available: { name: string }[] = await admin.query(
    `select name from pg_available_extensions where name = any($1) and installed_version is null`,
    [['vector', 'unaccent', 'pg_trgm', 'btree_gist']],
  );
  for (const { name } of available) await admin.query(`create extension if not exists ${quote(name)} schema public`);
};

/**
 * Brings every schema up to date: roles, privileges, extensions, then each service's migrations in order.
 * Safe to run by several at once: an advisory lock lets one work while the others wait.
 * @param adminUrl a role that may create schemas and roles; services never get it
 * @param passwords of each schema's role, by schema
 * @param only names of migrations, by schema; others of those schemas are left for later. For restoring a backup
 * @returns the migrations that were run, as `schema/name`
 */
export const migrate = async (options: {
  adminUrl: string;
  services: readonly SchemaOwner[];
  passwords: Readonly<Record<string, string>>;
  only?: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}): Promise<string[]> => {
  const admin = new DataSource({
    type: 'postgres',
    url: options.adminUrl,
    installExtensions: false,
    extra: { max: 1 },
  });
  await admin.initialize();
  try {
    await admin.query('select pg_advisory_lock(727274)');
    await installExtensions(admin);
    await admin.query('revoke create on schema public from public');
    const [{ database }]: [{ database: string }] = await admin.query('select current_database() as database');
    await admin.query(`revoke all on database ${quote(database)} from public`);
    const done: string[] = [];
    for (const service of options.services) {
      const password = options.passwords[service.schema];
      if (!password) throw new Error(`no password for the database role of schema ${service.schema}`);
      await prepareSchema(admin, service.schema, password);
      await admin.query(`grant connect on database ${quote(database)} to ${quote(roleOf(service.schema))}`);
      done.push(...(await runMigrations(options.adminUrl, service, options.only?.get(service.schema))));
    }
    return done;
  } finally {
    await admin.query('select pg_advisory_unlock(727274)').catch(() => undefined);
    await admin.destroy();
  }
};
