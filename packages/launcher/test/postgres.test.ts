import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres, type PostgresOptions } from '../src/embedded/postgres.ts';
import { freePort } from '../src/process/ports.ts';
import { temporaryFolder } from './temporary.ts';

const query = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const optionsIn = (dir: string, said: string[]): PostgresOptions => ({
  dataDir: path.join(dir, 'postgres'),
  port: () => freePort(),
  password: 'a-long-enough-password',
  installation: path.basename(dir),
  logFile: path.join(dir, 'postgres.log'),
  recordFile: path.join(dir, 'postgres.pid.json'),
  durable: true,
  maxConnections: 20,
  say: (line) => said.push(line),
});

describe('the embedded Postgres', () => {
  it('keeps committed rows through kill -9, is stopped when left behind, and stops cleanly', async () => {
    using folder = temporaryFolder();
    const said: string[] = [];
    const options = optionsIn(folder.path, said);

    const first = await startPostgres(options);
    expect(first.fresh).toBe(true);
    await query(first.url, 'create table kept (id int); insert into kept values (42)');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toBe('ended by SIGKILL');

    const second = await startPostgres(options);
    expect(second.fresh).toBe(false);
    expect(await query(second.url, 'select id from kept')).toEqual([{ id: 42 }]);
    expect(said).toEqual([]);

    // A third start without a stop is what happens after the launcher itself was killed.
    const third = await startPostgres(options);
    expect(said).toEqual(['stopped a Postgres that an earlier run left behind']);
    expect(await second.exited).toBe('exit code 0');
    expect(await query(third.url, 'select id from kept')).toEqual([{ id: 42 }]);
    await third.stop();
    expect(await third.exited).toBe('exit code 0');
    expect(existsSync(path.join(folder.path, 'postgres', 'postmaster.pid'))).toBe(false);
  }, 180_000);

  it('answers to its password only, and on loopback only', async () => {
    using folder = temporaryFolder();
    const server = await startPostgres({ ...optionsIn(folder.path, []), durable: false });
    try {
      const wrong = new URL(server.url);
      wrong.password = 'wrong';
      await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
      const [setting] = await query(server.url, 'show listen_addresses');
      expect(setting).toEqual({ listen_addresses: '127.0.0.1' });
    } finally {
      await server.kill();
    }
  }, 180_000);

  it('shows its own words when it cannot start', async () => {
    using folder = temporaryFolder();
    const options = optionsIn(folder.path, []);
    await expect(startPostgres({ ...options, durable: false, maxConnections: -1 })).rejects.toThrow(
      /Postgres could not start: exit code 1[^]*max_connections/,
    );
  }, 180_000);
});
