import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LauncherError, errorText } from './failure.ts';

/** What the launcher reads from the environment; everything has a default. */
export interface LauncherConfig {
  /** Folder of the code. */
  readonly root: string;
  /** Folder of data, secrets and logs (`ATRIUM_HOME`, default `.atrium` beside the code). */
  readonly home: string;
  /** Port of the gateway; the services follow it (`ATRIUM_PORT_BASE`, default 8000). */
  readonly portBase: number;
  /** Address the gateway listens on (`ATRIUM_HOST`, default 127.0.0.1); services stay on loopback. */
  readonly host: string;
  /** Admin connection of a Postgres server; absent: an embedded one. */
  readonly databaseUrl: string | undefined;
  /** Redis server; absent: an embedded one. */
  readonly redisUrl: string | undefined;
  /** S3-compatible store; absent: a folder. */
  readonly s3Endpoint: string | undefined;
  /** Passwords of the database roles, by schema (`DB_PASSWORDS`, JSON); absent: generated and kept. */
  readonly dbPasswords: Readonly<Record<string, string>> | undefined;
  /** Credentials of the services (`SERVICE_SECRETS`, JSON), by service; absent: generated and kept. */
  readonly serviceSecrets: Readonly<Record<string, string>> | undefined;
  /** Servers the tests shall use instead of private ones. */
  readonly testDatabaseUrl: string | undefined;
  readonly testRedisUrl: string | undefined;
  /** When the command was typed, in epoch milliseconds; set by the bootstrap. */
  readonly startedAt: number;
  /** Whether this run began with an install; set by the bootstrap. */
  readonly installed: boolean;
  /** A file descriptor that ends when the bootstrap dies; set by the bootstrap. */
  readonly parentPipe: number | undefined;
  /** Whether npm runs this command; it does not hand signals on. */
  readonly underNpm: boolean;
  /** What a process of the launcher is started with. */
  readonly program: string;
  /** Reads a setting that only one command needs, given directly or as `NAME_FILE`. */
  setting(name: string): string | undefined;
  /** The whole environment, which operators use to set up the roles. */
  readonly env: NodeJS.ProcessEnv;
}

const root = path.resolve(import.meta.dirname, '../../..');

/** A setting or the content of the file its `NAME_FILE` names; empty counts as absent. */
const setting = (env: NodeJS.ProcessEnv, name: string): string | undefined => {
  const value = env[name]?.trim();
  if (value) return value;
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw new LauncherError(`${name}_FILE cannot be read: ${errorText(error)}`, 'Correct the path or unset it.');
  }
};

const port = (text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65_000) return value;
  throw new LauncherError(`ATRIUM_PORT_BASE is ${text}`, 'Give a whole number from 1 to 65000, such as 8100.');
};

const passwords = (env: NodeJS.ProcessEnv, name: string): Record<string, string> | undefined => {
  const text = setting(env, name);
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === 'object') {
      return Object.fromEntries(Object.entries(parsed).map(([schema, password]) => [schema, String(password)]));
    }
  } catch {
    // Said below, together with the other wrong shapes.
  }
  throw new LauncherError(`${name} is not a JSON object`, 'Give {"auth":"…","billing":"…", …}.');
};

/** Reads the launcher's settings. Any secret may be given as `NAME_FILE`. */
export const readLauncherConfig = (env: NodeJS.ProcessEnv = process.env): LauncherConfig => ({
  root,
  home: path.resolve(env.ATRIUM_HOME || path.join(root, '.atrium')),
  portBase: port(setting(env, 'ATRIUM_PORT_BASE'), 8000),
  host: setting(env, 'ATRIUM_HOST') ?? '127.0.0.1',
  databaseUrl: setting(env, 'DATABASE_URL'),
  redisUrl: setting(env, 'REDIS_URL'),
  s3Endpoint: setting(env, 'S3_ENDPOINT'),
  dbPasswords: passwords(env, 'DB_PASSWORDS'),
  serviceSecrets: passwords(env, 'SERVICE_SECRETS'),
  testDatabaseUrl: setting(env, 'TEST_DATABASE_URL'),
  testRedisUrl: setting(env, 'TEST_REDIS_URL'),
  startedAt: Number(env.ATRIUM_STARTED_AT) || Date.now(),
  installed: env.ATRIUM_INSTALLED === '1',
  parentPipe: env.ATRIUM_PARENT_PIPE ? Number(env.ATRIUM_PARENT_PIPE) : undefined,
  underNpm: Boolean(env.npm_lifecycle_event),
  program: path.join(import.meta.dirname, 'main.ts'),
  setting: (name) => setting(env, name),
  env,
});
