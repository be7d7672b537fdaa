import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { homeAt, readLauncherConfig, roles, startPlatform } from '@atrium/launcher';
import { z } from 'zod';
import type { BenchContext } from '../harness/scenario.ts';

/** A Postgres and a Redis of their own, with the settings the product runs them with: nothing is lost in a crash. */
export interface Servers {
  readonly adminUrl: string;
  readonly redisUrl: string;
  readonly postgresPid: number;
  readonly redisPid: number;
  stop(): Promise<void>;
}

const pidIn = (file: string): number => z.object({ pid: z.int() }).parse(JSON.parse(readFileSync(file, 'utf8'))).pid;

/**
 * Starts the product's embedded servers without any role, on empty data in a temporary folder:
 * Postgres with fsync and synchronous commit, Redis with an append-only file synced every second.
 */
export const startServers = async ({ env, say }: Pick<BenchContext, 'env' | 'say'>): Promise<Servers> => {
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-bench-'));
  // As root, Postgres runs as another user, who must be able to walk through.
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  const { runtimeDir } = homeAt(readLauncherConfig(env).home);
  const home = { ...homeAt(dir), runtimeDir };
  const outside = ['DATABASE_URL', 'DATABASE_URL_FILE', 'REDIS_URL', 'REDIS_URL_FILE'];
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !outside.includes(name)));
  const config = { ...readLauncherConfig({ ...own, ATRIUM_HOME: dir }), home: dir };
  const platform = await startPlatform({
    config,
    home,
    table: roles,
    chosen: [],
    migrate: () => Promise.resolve([]),
    signal: new AbortController().signal,
    say,
    failed: (error) => say(`a server of the benchmark failed: ${error.message}`),
  });
  const { backing } = platform;
  return {
    adminUrl: backing.adminUrl,
    redisUrl: backing.redisUrl,
    postgresPid: pidIn(path.join(dir, 'postgres.pid.json')),
    redisPid: pidIn(path.join(dir, 'redis.pid.json')),
    async stop() {
      await platform.stop();
      for (const folder of [dir, backing.postgresDir]) if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
};
