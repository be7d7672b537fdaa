import { DataSource, type EntitySchema } from 'typeorm';
import type { Logger } from '../observability/log.ts';
import { SnakeNaming } from './naming.ts';
import { PreparedClient } from './prepared.client.ts';

/**
 * Connects a service to its schema with its own role. Statements, locks and idle transactions are bounded, so that
 * one stuck request cannot hold the rest.
 * @param pool connections kept; the sum over all services stays below the server's `max_connections`
 */
export const openDatabase = async (options: {
  url: string;
  schema: string;
  pool: number;
  entities: readonly EntitySchema[];
  log: Logger;
}): Promise<DataSource> => {
  const settings = [
    `search_path=${options.schema},public`,
    'statement_timeout=15000',
    'lock_timeout=5000',
    'idle_in_transaction_session_timeout=20000',
  ];
  const db = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: [...options.entities],
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    installExtensions: false,
    applicationName: `atrium-${options.schema}`,
    connectTimeoutMS: 5_000,
    // A backend that is terminated raises an error on its idle client; unhandled it would end the process.
    poolErrorHandler: (error: unknown) => options.log.warn({ err: error }, 'a database connection was lost'),
    extra: {
      max: options.pool,
      options: settings.map((setting) => `-c ${setting}`).join(' '),
      keepAlive: true,
      Client: PreparedClient,
    },
  });
  return db.initialize();
};
