import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startPart, stopLeftover, type EmbeddedPart } from './part.ts';
import type { RedisProgram } from './redis.program.ts';
import { redisAnswers } from './redis.ping.ts';

export interface RedisOptions {
  readonly program: RedisProgram;
  readonly dataDir: string;
  /** Chooses the port; asked once nothing of ours holds it any more. */
  port(): Promise<number>;
  readonly password: string;
  readonly logFile: string;
  readonly recordFile: string;
  /** `false` keeps everything in memory; for tests. */
  readonly durable: boolean;
  say(line: string): void;
}

/** A running Redis of our own. */
export interface EmbeddedRedis extends EmbeddedPart {
  readonly url: string;
}

const configuration = ({ dataDir, password, durable }: RedisOptions, port: number): string =>
  [
    `port ${port}`,
    'bind 127.0.0.1',
    'protected-mode yes',
    `requirepass ${password}`,
    `dir "${dataDir.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    `appendonly ${durable ? 'yes' : 'no'}`,
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    '',
  ].join('\n');

/**
 * Starts Redis on a folder of ours: this machine only, by password only, every write in the append-only file.
 * A server left by a killed launcher is stopped first.
 */
export const startRedis = async (options: RedisOptions): Promise<EmbeddedRedis> => {
  if (await stopLeftover(options.recordFile, 'SIGTERM')) options.say('stopped a Redis that an earlier run left behind');
  const port = await options.port();
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  // The password is in a file because command lines can be read by everybody on the machine.
  const configFile = path.join(options.dataDir, 'redis.conf');
  writeFileSync(configFile, configuration(options, port), { mode: 0o600 });
  chmodSync(configFile, 0o600);
  const part = await startPart({
    name: 'Redis',
    port,
    command: options.program.command,
    args: [configFile],
    cwd: options.dataDir,
    env: { LC_ALL: 'C', TZ: 'UTC', ...options.program.env },
    credentials: undefined,
    logFile: options.logFile,
    recordFile: options.recordFile,
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    graceMs: 10_000,
    readyMs: 60_000,
    ready: () => redisAnswers(port, options.password),
  });
  return { ...part, url: `redis://:${encodeURIComponent(options.password)}@127.0.0.1:${port}/0` };
};
