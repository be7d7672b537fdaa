import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { roles, type RoleDefinition } from '@atrium/launcher';
import type { RunningService } from '@atrium/service-kit';
import {
  createTestDatabase,
  forgetKeys,
  freePorts,
  neverTurnedAway,
  redisUrl,
  startFakeGoogle,
  type FakeGoogle,
  type TestDatabase,
} from '@atrium/testing';
import { Redis } from 'ioredis';
import { recordQueries, type QueryRecorder } from './query.recorder.ts';
import { commonSettings } from './settings.ts';
import { startPostgresProxy, type PostgresProxy } from './postgres.proxy.ts';
import { startTcpProxy, type TcpProxy } from './tcp.proxy.ts';

/** What clients and judges need of a platform, whether it runs in this process or in others. */
export interface Reach {
  readonly gateway: string;
  /** Where each role answers on its own port. */
  readonly urls: Readonly<Record<string, string>>;
  readonly database: Pick<TestDatabase, 'query'>;
  /** The key that signs access tokens. */
  readonly privateKey: string;
}

/** The whole platform: every role on a port of its own, on one database, with the gateway in front. */
export interface Platform extends Reach {
  readonly definitions: readonly RoleDefinition[];
  readonly database: TestDatabase;
  /** The line to Redis, which can be cut. */
  readonly redis: TcpProxy;
  /** Each service's line to Postgres, by schema. */
  readonly postgres: Readonly<Record<string, PostgresProxy>>;
  readonly google: FakeGoogle;
  /** Every statement that a store sends. */
  readonly queries: QueryRecorder;
  /** Before every key in Redis. */
  readonly queuePrefix: string;
  /** Where mails land. */
  readonly mailDir: string;
  /** What each service proves itself with. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Stops a role and starts it again at the same address. */
  restart(name: string): Promise<void>;
  /** Starts another process of a role on the same data, at a port of its own; it is closed by whoever started it. */
  another(name: string, settings?: NodeJS.ProcessEnv): Promise<RunningService>;
  close(): Promise<void>;
}

/** Puts a line that can be broken before the database of each schema. */
const linesTo = async (database: TestDatabase, schemas: readonly string[]) => {
  const lines: Record<string, PostgresProxy> = {};
  const urls: Record<string, string> = {};
  for (const schema of schemas) {
    const url = new URL(database.urlOf(schema));
    const line = await startPostgresProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.port = String(line.port);
    [lines[schema], urls[schema]] = [line, url.href];
  }
  return { lines, urls };
};

/** @param settings added to every role's environment */
export const startPlatform = async (settings: NodeJS.ProcessEnv = {}): Promise<Platform> => {
  const queries = recordQueries();
  const definitions = await Promise.all(roles.map((role) => role.load()));
  const owners = definitions.flatMap(({ schema, migrations }) =>
    schema && migrations ? [{ schema, migrations }] : [],
  );
  await using undo = new AsyncDisposableStack();
  undo.defer(() => queries.stop());
  const database = await createTestDatabase(owners);
  undo.defer(() => database.drop());
  const { lines, urls: databaseUrls } = await linesTo(
    database,
    owners.map(({ schema }) => schema),
  );
  undo.defer(async () => void (await Promise.all(Object.values(lines).map((line) => line.close()))));
  const folder = mkdtempSync(path.join(tmpdir(), 'atrium-prove-'));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const prefix = `prove-${randomBytes(6).toString('hex')}`;
  undo.defer(async () => {
    const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
    await forgetKeys(redis, prefix);
    redis.disconnect();
  });
  const through = new URL(redisUrl());
  const redis = await startTcpProxy({ host: through.hostname, port: Number(through.port || 6379) });
  undo.defer(() => redis.close());
  through.port = String(redis.port);
  const ports = await freePorts(roles.length);
  const urls = Object.fromEntries(roles.map(({ name }, at) => [name, `http://127.0.0.1:${ports[at]}`]));
  const gateway = urls['gateway'] ?? '';
  const google = await startFakeGoogle(`${gateway}/api/v1/auth/google/callback`);
  undo.defer(() => google.close());
  const { env, secrets, privateKey } = commonSettings({ services: roles.map(({ name }) => name), folder });
  const common: NodeJS.ProcessEnv = {
    ...env,
    ...google.settings,
    REDIS_URL: through.href,
    QUEUE_PREFIX: prefix,
    // S23 reads the routers at their servers, too.
    ...neverTurnedAway,
    APP_URL: gateway,
    ...Object.fromEntries(roles.flatMap(({ urlSetting, name }) => (urlSetting ? [[urlSetting, urls[name]]] : []))),
    ...settings,
  };
  const running = new Map<string, RunningService>();
  undo.defer(async () => {
    redis.mend();
    for (const line of Object.values(lines)) {
      line.judge(undefined);
      line.mend();
    }
    for (const role of [...running.values()].toReversed()) await role.close();
  });
  const launch = async (name: string, more: NodeJS.ProcessEnv): Promise<RunningService> => {
    const at = roles.findIndex((role) => role.name === name);
    const schema = roles[at]?.schema;
    const own = schema ? { DATABASE_URL: databaseUrls[schema], SERVICE_SECRET: secrets[name] } : {};
    const started = await definitions[at]?.start({ ...common, PORT: String(ports[at]), ...own, ...more });
    if (!started) throw new Error(`there is no role ${name}`);
    return started;
  };
  const start = async (name: string): Promise<void> => void running.set(name, await launch(name, {}));
  for (const { name } of roles) await start(name);
  const rest = undo.move();
  return {
    ...{ gateway, urls, definitions, database, redis, google, queries, privateKey, secrets },
    postgres: lines,
    queuePrefix: prefix,
    mailDir: `${folder}/mail`,
    async restart(name) {
      await running.get(name)?.close();
      await start(name);
    },
    another: (name, more = {}) => launch(name, { PORT: '0', ...more }),
    close: () => rest.disposeAsync(),
  };
};
