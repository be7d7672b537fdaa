import { createHash, randomBytes } from 'node:crypto';
import { kitMigrations, migrate, roleOf, type SchemaOwner } from '@atrium/service-kit';
import pg from 'pg';
import { adminDatabaseUrl } from './environment.ts';

/** Password of every service role in the private test server. */
const PASSWORD = 'only-in-tests';

/** The role passwords of a database made here, for a process that is started on it. */
export const testPasswords = (schemas: readonly string[]): Record<string, string> =>
  Object.fromEntries(schemas.map((schema) => [schema, PASSWORD]));

const urlFor = (database: string, user?: string): string => {
  const url = new URL(adminDatabaseUrl());
  url.pathname = `/${database}`;
  if (user) [url.username, url.password] = [user, PASSWORD];
  return url.href;
};

const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>, database?: string): Promise<T> => {
  const client = new pg.Client(database ? urlFor(database) : adminDatabaseUrl());
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const templateName = (services: readonly SchemaOwner[]): string => {
  const shape = services.map(
    ({ schema, migrations }) => `${schema}:${[...kitMigrations, ...migrations].map(String).join()}`,
  );
  return `template_${createHash('sha256').update(shape.join(';')).digest('hex').slice(0, 16)}`;
};

/** A database of a test file's own, with the schemas of the services it asked for. */
export interface TestDatabase {
  /** Connection of the administrator. */
  readonly adminUrl: string;
  /** Connection of a service's own role. */
  urlOf(schema: string): string;
  /** Runs SQL as the administrator, for checks that look behind the service. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Copies a migrated template, which the first caller of a run makes; a copy takes some 50 ms. */
export const createTestDatabase = async (services: readonly SchemaOwner[]): Promise<TestDatabase> => {
  const template = templateName(services);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(async (admin) => {
    // One at a time: making a template twice, or copying one that somebody is connected to, fails.
    await admin.query('select pg_advisory_lock(46011)');
    const made = await admin.query('select 1 from pg_database where datname = $1', [template]);
    if (made.rowCount === 0) {
      const draft = `${template}_draft`;
      await admin.query(`drop database if exists ${draft} with (force)`);
      await admin.query(`create database ${draft}`);
      const passwords = testPasswords(services.map(({ schema }) => schema));
      await migrate({ adminUrl: urlFor(draft), services, passwords });
      await admin.query(`alter database ${draft} rename to ${template}`);
    }
    await admin.query(`create database ${name} template ${template}`);
  });
  const pool = new pg.Pool({ connectionString: urlFor(name), max: 2 });
  // end() resolves before the sockets are closed, so the drop can still terminate one of them.
  pool.on('error', () => undefined);
  return {
    adminUrl: urlFor(name),
    urlOf: (schema) => urlFor(name, roleOf(schema)),
    query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
      (await pool.query<Row>(sql, values)).rows,
    async drop() {
      await pool.end();
      await asAdmin((admin) => admin.query(`drop database ${name} with (force)`));
    },
  };
};
