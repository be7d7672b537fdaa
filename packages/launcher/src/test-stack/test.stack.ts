import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LauncherConfig } from '../config.ts';
import { stopLeftover, type EmbeddedPart } from '../embedded/part.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { findRedis } from '../embedded/redis.program.ts';
import { startRedis } from '../embedded/redis.ts';
import { explained } from '../failure.ts';
import type { Home } from '../home/home.ts';
import { freePort } from '../process/ports.ts';
import { refer } from '../process/process.ts';

/** A database and a Redis for one test run, fast and forgotten afterwards. */
export interface TestStack {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

const PREFIX = 'atrium-test-';

/** Removes the stacks of test runs that were killed before they could; their names carry the run's pid. */
const sweep = async (base: string): Promise<void> => {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!(pid > 0) || refer(pid)) continue;
    const dir = path.join(base, name);
    try {
      await stopLeftover(path.join(dir, 'redis.pid.json'), 'SIGKILL');
      await stopLeftover(path.join(dir, 'postgres.pid.json'), 'SIGQUIT');
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
};

/**
 * Starts a private Postgres and Redis on free ports, in a temporary folder, without durability. Servers named by
 * `TEST_DATABASE_URL` and `TEST_REDIS_URL` are used instead.
 */
export const startTestStack = async (options: {
  config: LauncherConfig;
  home: Home;
  signal?: AbortSignal;
  say(line: string): void;
}): Promise<TestStack> => {
  const { config, home, say, signal } = options;
  const base = tmpdir();
  await sweep(base);
  const dir = await explained(() => mkdtempSync(path.join(base, `${PREFIX}${process.pid}-`)));
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  const password = randomBytes(18).toString('base64url');
  const common = (name: string) => ({
    dataDir: path.join(dir, name),
    password,
    logFile: path.join(dir, `${name}.log`),
    recordFile: path.join(dir, `${name}.pid.json`),
    durable: false,
    say,
  });
  const postgres = async () =>
    startPostgres({
      ...common('postgres'),
      port: () => freePort(),
      installation: path.basename(dir),
      maxConnections: 400,
    });
  const redis = async () => {
    const program = await findRedis({ runtimeDir: home.runtimeDir, env: config.env, say, signal });
    return startRedis({ ...common('redis'), program, port: () => freePort() });
  };
  const started: EmbeddedPart[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((part) => part.kill()));
    rmSync(dir, { recursive: true, force: true });
  };
  const keep = async (starting: Promise<EmbeddedPart & { url: string }>): Promise<string> => {
    const part = await starting;
    started.push(part);
    return part.url;
  };
  const outcomes = await Promise.allSettled([
    config.testDatabaseUrl ?? keep(postgres()),
    config.testRedisUrl ?? keep(redis()),
  ]);
  const [database, cache] = outcomes;
  if (database.status === 'fulfilled' && cache.status === 'fulfilled') {
    return { databaseUrl: database.value, redisUrl: cache.value, stop };
  }
  await stop();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  throw new Error('the test stack neither started nor failed');
};
