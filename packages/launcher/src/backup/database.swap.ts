import type pg from 'pg';
import { LauncherError } from '../failure.ts';
import { identifier, named, onDatabase, withClient } from './sql.ts';

/** Databases that every server has; one of them is where a database is renamed from. */
const OTHERS = ['postgres', 'template1'];

export const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres';

const elsewhere = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const other = OTHERS.find((name) => name !== databaseOf(url)) ?? 'template1';
  return withClient(onDatabase(url, other), work);
};

const populated = async (client: pg.Client, schemas: readonly string[]): Promise<string | undefined> => {
  for (const schema of schemas) {
    const { rows } = await client.query(`select 1 where to_regclass($1) is not null`, [named(schema, 'migrations')]);
    if (rows.length > 0) return schema;
  }
  return undefined;
};

/**
 * @returns whether the database is empty
 * @throws LauncherError when it is not and may not be replaced, when somebody works on it, or when rights are missing
 */
export const requireRoom = (url: string, schemas: readonly string[], replace: boolean): Promise<boolean> =>
  withClient(url, async (client) => {
    const found = await populated(client, schemas);
    if (found && !replace) {
      throw new LauncherError(
        `The database ${databaseOf(url)} is not empty: it has the schema ${found}`,
        'Restore into another one, or add --replace: what is there is then kept under another name.',
      );
    }
    if (databaseOf(url) === 'postgres' || databaseOf(url) === 'template1') {
      throw new LauncherError('A restore needs a database of its own', 'Name one in DATABASE_URL, such as /atrium.');
    }
    const { rows: able } = await client.query<{ able: boolean }>(
      `select rolsuper or (rolcreatedb and has_parameter_privilege('session_replication_role', 'set')) as able
       from pg_roles where rolname = current_user`,
    );
    if (!able[0]?.able) {
      throw new LauncherError(
        'The user of DATABASE_URL may not restore',
        'Use a superuser, or one with CREATEDB, CREATEROLE, BYPASSRLS and SET on session_replication_role.',
      );
    }
    const { rows } = await client.query<{ who: string }>(
      `select distinct usename || coalesce(' (' || nullif(application_name, '') || ')', '') as who from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
    );
    if (rows.length === 0) return found === undefined;
    const who = rows.map((row) => row.who).join(', ');
    throw new LauncherError(`Somebody is connected to ${databaseOf(url)}: ${who}`, 'Stop Atrium and try again.');
  });

/**
 * Gives the restored database the name of the one that is there, in one transaction.
 * @returns the new name of the former one; an empty one is dropped
 */
export const swapDatabases = (url: string, fresh: string, empty: boolean): Promise<string | undefined> =>
  elsewhere(url, async (client) => {
    const name = databaseOf(url);
    const { rows } = await client.query<{ stamp: string }>(
      `select to_char(now() at time zone 'UTC', 'YYYYMMDD"t"HH24MISS') as stamp`,
    );
    const former = `${name}_before_${rows[0]?.stamp ?? 'restore'}`;
    await client.query('begin');
    await client.query(`alter database ${identifier(name)} rename to ${identifier(former)}`);
    await client.query(`alter database ${identifier(fresh)} rename to ${identifier(name)}`);
    await client.query('commit');
    if (!empty) return former;
    await client.query(`drop database ${identifier(former)}`).catch(() => undefined);
    return undefined;
  });

export const dropDatabase = (url: string, name: string): Promise<unknown> =>
  elsewhere(url, (client) => client.query(`drop database if exists ${identifier(name)} with (force)`));
