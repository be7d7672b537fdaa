import pg from 'pg';
import type { TestDatabase } from '@atrium/testing';

/** What a statement did when it ran in a tenant. */
export interface Reached {
  readonly rows: number;
  /** What it gave, as JSON. */
  readonly text: string;
  /** Row-level security said no. */
  readonly refused: boolean;
}

/** Runs statements as a service's own role in a tenant of choice, and undoes them. */
export const createReach = (database: TestDatabase) => {
  const clients = new Map<string, pg.Client>();
  const clientOf = async (schema: string): Promise<pg.Client> => {
    const known = clients.get(schema);
    if (known) return known;
    const options = `-c search_path=${schema},public -c lock_timeout=2000 -c statement_timeout=5000`;
    const client = new pg.Client({ connectionString: database.urlOf(schema), options });
    clients.set(schema, client);
    await client.connect();
    return client;
  };
  return {
    async run(
      schema: string,
      who: { workspaceId: string; id: string },
      text: string,
      values: readonly unknown[],
    ): Promise<Reached> {
      const client = await clientOf(schema);
      await client.query('begin');
      try {
        await client.query(`select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true)`, [
          who.workspaceId,
          who.id,
        ]);
        const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...values]);
        return { rows: rowCount ?? 0, text: JSON.stringify(rows), refused: false };
      } catch (error) {
        return { rows: 0, text: '', refused: error instanceof Error && 'code' in error && error.code === '42501' };
      } finally {
        await client.query('rollback');
      }
    },
    async close() {
      for (const client of clients.values()) await client.end();
    },
  };
};
