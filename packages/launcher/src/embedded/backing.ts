import path from 'node:path';
import { z } from 'zod';
import type { LauncherConfig } from '../config.ts';
import type { LauncherError } from '../failure.ts';
import type { Home } from '../home/home.ts';
import { readJson, writeJson } from '../home/json.file.ts';
import type { Secrets } from '../home/secrets.ts';
import { freePort } from '../process/ports.ts';
import { startPostgres } from './postgres.ts';
import { findRedis } from './redis.program.ts';
import { startRedis } from './redis.ts';
import { keepRunning, type Supervised } from './supervised.ts';
import type { EmbeddedPart } from './part.ts';

/** What the services stand on: a database, a Redis and a place for files. */
export interface Backing {
  /** Connection that may create schemas and roles; services never get it. */
  readonly adminUrl: string;
  readonly redisUrl: string;
  /** Where Postgres keeps its data; `undefined` when it is not ours. */
  readonly postgresDir: string | undefined;
  /** Whether this start made a new database. */
  readonly fresh: boolean;
  /** Stops what is ours, Redis before Postgres. */
  stop(): Promise<void>;
  /** The same at once, without waiting for anybody. */
  kill(): Promise<void>;
}

export interface BackingOptions {
  readonly config: LauncherConfig;
  readonly home: Home;
  readonly secrets: Secrets;
  readonly signal?: AbortSignal | undefined;
  say(line: string): void;
  /** Called when an embedded part cannot be kept running. */
  failed(error: LauncherError): void;
}

const Ports = z.object({ postgres: z.int().optional(), redis: z.int().optional() });

/**
 * Chooses a part's port: the one it had last time, or a free one when that is taken, remembered for the next start.
 * Within one run it stays the same, because the services know it.
 */
const rememberedPort = (file: string, name: keyof z.infer<typeof Ports>): (() => Promise<number>) => {
  let chosen: number | undefined;
  return async () => {
    if (chosen !== undefined) return chosen;
    const wanted = readJson(file, Ports)?.[name];
    chosen = await freePort(wanted);
    if (chosen !== wanted) writeJson(file, { ...readJson(file, Ports), [name]: chosen });
    return chosen;
  };
};

const ownPostgres = async ({ home, secrets, say, failed }: BackingOptions) => {
  const port = rememberedPort(home.portsFile, 'postgres');
  const start = () =>
    startPostgres({
      dataDir: home.postgresDir,
      port,
      password: secrets.postgresPassword,
      installation: secrets.installation,
      logFile: path.join(home.logsDir, 'postgres.log'),
      recordFile: path.join(home.dir, 'postgres.pid.json'),
      durable: true,
      maxConnections: 200,
      say,
    });
  return keepRunning({ start, say, failed });
};

const ownRedis = async ({ config, home, secrets, say, failed, signal }: BackingOptions) => {
  const program = await findRedis({ runtimeDir: home.runtimeDir, env: config.env, say, signal });
  const port = rememberedPort(home.portsFile, 'redis');
  const start = () =>
    startRedis({
      program,
      dataDir: home.redisDir,
      port,
      password: secrets.redisPassword,
      logFile: path.join(home.logsDir, 'redis.log'),
      recordFile: path.join(home.dir, 'redis.pid.json'),
      durable: true,
      say,
    });
  return { server: await keepRunning({ start, say, failed }), version: program.version };
};

/** Does two things at once. When one fails the other is told to give up, waited for, and the first failure is thrown. */
const together = async <First, Second>(
  signal: AbortSignal | undefined,
  first: (signal: AbortSignal) => Promise<First>,
  second: (signal: AbortSignal) => Promise<Second>,
): Promise<[First, Second]> => {
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const watched = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const works = [watched(first(either)), watched(second(either))] as const;
  await Promise.allSettled(works);
  failed.signal.throwIfAborted();
  return Promise.all(works);
};

/**
 * Starts the embedded parts for which no outside server is named; both at once.
 * @throws LauncherError; nothing is left running then
 */
export const startBacking = async (options: BackingOptions): Promise<Backing> => {
  const { config, say } = options;
  const ours: Supervised<EmbeddedPart>[] = [];
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    for (const part of ours) await part[how]();
  };
  const startPostgresPart = async () => {
    if (config.databaseUrl) return undefined;
    const server = await ownPostgres(options);
    ours.push(server);
    say(`Postgres ${server.part().version} ready on port ${server.part().port}`);
    return server.part();
  };
  const startRedisPart = async (signal: AbortSignal) => {
    if (config.redisUrl) return undefined;
    const { server, version } = await ownRedis({ ...options, signal });
    ours.unshift(server);
    say(`Redis ${version} ready on port ${server.part().port}`);
    return server.part();
  };
  const [postgres, redis] = await together(options.signal, startPostgresPart, startRedisPart).catch(
    async (error: unknown) => {
      await end('stop');
      throw error;
    },
  );
  const adminUrl = config.databaseUrl ?? postgres?.url;
  const redisUrl = config.redisUrl ?? redis?.url;
  if (!adminUrl || !redisUrl) throw new Error('a part is neither named nor started');
  return {
    adminUrl,
    redisUrl,
    postgresDir: postgres?.dataDir,
    fresh: postgres?.fresh ?? false,
    stop: () => end('stop'),
    kill: () => end('kill'),
  };
};
