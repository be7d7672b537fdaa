import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
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
  /** For the temporary files of the tests; gone with the stack. */
  readonly temporaryDir: string;
  stop(): Promise<void>;
}

const PREFIX = 'atrium-test-';

/** Ends every server whose record lies in a folder, also those that tests started and could not end; removes it. */
const stopAllIn = async (dir: string): Promise<void> => {
  const records = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pid.json'));
  await Promise.all(records.map((name) => stopLeftover(path.join(dir, name), 'SIGQUIT')));
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
};

/** Removes the stacks of test runs that were killed before they could; their names carry the run's pid. */
const sweep = async (base: string): Promise<void> => {
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!(pid > 0) || refer(pid)) continue;
    const dir = path.join(base, name);
    try {
      await stopAllIn(dir);
    } catch {
      // Another user's.
    }
  }
};

/** A folder for servers of this run: what is recorded in it is stopped with it, at the latest by the next run. */
export interface StackFolder {
  readonly dir: string;
  /** For files of those who use the servers. */
  readonly temporaryDir: string;
  /** Stops what is left and removes all of it. */
  remove(): Promise<void>;
}

export const openStackFolder = async (): Promise<StackFolder> => {
  const base = tmpdir();
  await sweep(base);
  const dir = await explained(() => mkdtempSync(path.join(base, `${PREFIX}${process.pid}-`)));
  const temporaryDir = path.join(dir, 'tmp');
  mkdirSync(temporaryDir);
  // As root, Postgres runs as another user, who must be able to walk through.
  if (process.getuid?.() === 0) for (const folder of [dir, temporaryDir]) chmodSync(folder, 0o711);
  return { dir, temporaryDir, remove: () => stopAllIn(dir) };
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
  const { dir, temporaryDir, remove } = await openStackFolder();
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
    await remove();
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
    return { databaseUrl: database.value, redisUrl: cache.value, temporaryDir, stop };
  }
  await stop();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  throw new Error('the test stack neither started nor failed');
};
