import pg from 'pg';

/** Distinct statements that a connection keeps prepared; what a service runs often is far fewer. */
const MOST = 200;
/** A statement is prepared when it comes for this many-th time, so that one of its kind costs nothing. */
const PREPARE_AT = 3;

interface Known {
  times: number;
  name?: string;
}

/** The table of a prepared statement was changed meanwhile; Postgres refuses the old plan for good. */
const isOutdated = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '0A000' && error.message.includes('cached plan');

/**
 * A Postgres client that prepares the statements it sees again and again, so that the server parses and plans them
 * once a connection. A table that is altered under a prepared statement fails it once (0A000). PgBouncer must be told to
 * follow prepared statements (`max_prepared_statements`) when it pools by transaction.
 */
const createPreparedClient = (config: pg.ClientConfig): pg.Client => {
  const client = new pg.Client(config);
  // A backend that ends between two statements of a transaction is told of here and nowhere else; unheard, it would end
  // the process. The next statement fails with it.
  client.on('error', () => undefined);
  const known = new Map<string, Known>();
  let names = 0;
  const nameOf = (text: string): string | undefined => {
    const statement = known.get(text) ?? { times: 0 };
    statement.times += 1;
    if (statement.times === 1) {
      // Statements that are put together anew each time would fill the map; then all begin again.
      if (known.size >= MOST * 5) for (const [other, { name }] of known) if (!name) known.delete(other);
      known.set(text, statement);
    }
    if (!statement.name && statement.times >= PREPARE_AT && names < MOST) statement.name = `s${(names += 1)}`;
    return statement.name;
  };
  const plain = client.query.bind(client) as (...args: unknown[]) => unknown;
  const query = (text: unknown, values?: unknown, ...rest: unknown[]): unknown => {
    const prepared = typeof text === 'string' && Array.isArray(values) && values.length > 0 && rest.length === 0;
    const name = prepared ? nameOf(text) : undefined;
    if (!prepared || !name) return plain(text, values, ...rest);
    return (plain({ name, text, values }) as Promise<unknown>).catch((error: unknown) => {
      if (isOutdated(error)) known.delete(text);
      throw error;
    });
  };
  return Object.assign(client, { query });
};

/** The same for `Client` of a pool's settings, which is called with `new`. */
export const PreparedClient = function (config: pg.ClientConfig): pg.Client {
  return createPreparedClient(config);
} as unknown as new (config: pg.ClientConfig) => pg.Client;
