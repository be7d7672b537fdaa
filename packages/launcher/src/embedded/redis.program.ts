import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { LauncherError, errorText } from '../failure.ts';
import { fetchRedis } from './redis.fetch.ts';

/** A Redis (or Valkey, its fork) server that can be run here. */
export interface RedisProgram {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

/** The queues need streams and commands that older servers lack. */
const OLDEST: [number, number] = [6, 2];

const programNames = ['redis-server', 'valkey-server'];

const versionOf = (command: string, env: NodeJS.ProcessEnv): string | undefined => {
  try {
    const said = execFileSync(command, ['--version'], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] });
    return /v=(\d+\.\d+\.\d+)/.exec(said)?.[1];
  } catch {
    return undefined;
  }
};

const recentEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
};

const usable = (command: string, env: NodeJS.ProcessEnv): RedisProgram | undefined => {
  const version = versionOf(command, env);
  return version && recentEnough(version) ? { command, env, version } : undefined;
};

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = (searchPath: string): RedisProgram | undefined => {
  for (const dir of searchPath.split(path.delimiter).filter(Boolean)) {
    for (const name of programNames) {
      const file = path.join(dir, name);
      const program = executable(file) ? usable(file, {}) : undefined;
      if (program) return program;
    }
  }
  return undefined;
};

/** Folders of shared libraries in an unpacked package tree, whatever the machine's kind. */
const libraryDirs = (tree: string): string[] =>
  ['usr/lib', 'lib'].flatMap((dir) => {
    const full = path.join(tree, dir);
    if (!existsSync(full)) return [];
    return readdirSync(full)
      .filter((name) => name.includes('-linux-'))
      .map((name) => path.join(full, name));
  });

const fetched = (tree: string): RedisProgram | undefined => {
  const env = { LD_LIBRARY_PATH: libraryDirs(tree).join(':') };
  for (const name of programNames) {
    const file = path.join(tree, 'usr', 'bin', name);
    const program = executable(file) ? usable(file, env) : undefined;
    if (program) return program;
  }
  return undefined;
};

/** What is on this machine already, without fetching anything. */
export const knownRedis = (runtimeDir: string, searchPath: string): RedisProgram | undefined =>
  onPath(searchPath) ?? fetched(path.join(runtimeDir, 'redis'));

/**
 * Finds a Redis server: installed on this machine, fetched before, or fetched now from the distribution's packages
 * into a folder of ours (no root rights needed, nothing installed).
 * @throws LauncherError saying how to get one
 */
export const findRedis = async (options: {
  runtimeDir: string;
  env: NodeJS.ProcessEnv;
  say(line: string): void;
  signal?: AbortSignal | undefined;
}): Promise<RedisProgram> => {
  const known = knownRedis(options.runtimeDir, options.env.PATH ?? '');
  if (known) return known;
  const tree = path.join(options.runtimeDir, 'redis');
  let reason = 'the fetched program does not run here';
  try {
    rmSync(tree, { recursive: true, force: true });
    await fetchRedis(tree, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    reason = errorText(error);
  }
  const program = fetched(tree);
  if (program) return program;
  throw new LauncherError(
    `Redis is not installed and could not be fetched: ${reason}`,
    'Install it (apt-get install redis-server, dnf install valkey, brew install redis) or set REDIS_URL to a server (6.2 or newer).',
  );
};
