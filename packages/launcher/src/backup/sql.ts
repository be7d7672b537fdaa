import pg from 'pg';
import { LauncherError } from '../failure.ts';

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const named = (schema: string, name: string): string => `${identifier(schema)}.${identifier(name)}`;

/** Texts mean the same on every server: times in UTC, bytes in hex, numbers with all their digits. */
const WRITING = `
  set client_encoding to 'UTF8'; set datestyle to 'ISO, YMD'; set intervalstyle to 'iso_8601'; set timezone to 'UTC';
  set bytea_output to 'hex'; set extra_float_digits to 1; set statement_timeout to 0; set lock_timeout to '10s';
  set idle_in_transaction_session_timeout to 0; set search_path to pg_catalog`;

/** Works with one connection whose settings do not depend on the server's. */
export const withClient = async <Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client({ connectionString: url, application_name: 'atrium backup' });
  // Told to whoever waits for a query; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(WRITING);
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** The same connection to another database of the server. */
export const onDatabase = (url: string, database: string): string => {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
};

/** @throws LauncherError when row-level security would hide rows, which a backup must never leave out */
export const requireAllRows = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ sees: boolean }>(
    `select rolsuper or rolbypassrls as sees from pg_roles where rolname = current_user`,
  );
  if (rows[0]?.sees) return;
  throw new LauncherError(
    'The user of DATABASE_URL does not see the rows of every workspace',
    'Use a superuser, or give this one BYPASSRLS.',
  );
};
