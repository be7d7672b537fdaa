import { mkdirSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { migrateSchemas, roles } from '@atrium/launcher';
import { roleOf } from '@atrium/service-kit';
import { freePorts, imageNodeOptions } from '@atrium/testing';
import pg from 'pg';
import type { Reach } from '../platform/platform.ts';
import { commonSettings } from '../platform/settings.ts';
import { superviseRole, type RoleProcess } from './role.process.ts';
import { startServers, type Servers } from './servers.ts';

/** The whole platform with every role in a process of its own, on a Postgres and a Redis of its own. */
export interface ProcessPlatform extends Reach {
  readonly servers: Servers;
  readonly roles: Readonly<Record<string, RoleProcess>>;
  /** Processes that ended without having been told to. */
  ended(): string[];
  /** Starts one more process of a role, at an address that nobody is told. */
  another(role: string): Promise<RoleProcess>;
  close(): Promise<void>;
}

const open = new Set<ProcessPlatform>();

/** Ends what proofs that were broken off have left. */
export const closeProcessPlatforms = async (): Promise<void> => {
  for (const platform of open) await platform.close();
};

const databaseUrl = (servers: Servers, schema: string, password: string): string => {
  const url = new URL(servers.postgres.url);
  [url.username, url.password] = [roleOf(schema), password];
  return url.href;
};

/** Nobody else reaches these databases. */
const migrateAll = async (servers: Servers): Promise<Record<string, string>> => {
  const definitions = await Promise.all(roles.map((role) => role.load()));
  const schemas = definitions.flatMap(({ schema }) => schema ?? []);
  const passwords = Object.fromEntries(schemas.map((schema) => [schema, randomBytes(18).toString('base64url')]));
  await migrateSchemas({ adminUrl: servers.postgres.url, definitions, passwords });
  return passwords;
};

/**
 * @param options.settings added to every role's environment
 * @param options.hold roles can be replaced behind their sockets
 */
export const startProcessPlatform = async (options: {
  settings?: NodeJS.ProcessEnv;
  hold?: boolean;
  say(line: string): void;
}): Promise<ProcessPlatform> => {
  const servers = await startServers(options.say);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => servers.stop());
  const passwords = await migrateAll(servers);
  const folder = servers.folder.temporaryDir;
  mkdirSync(path.join(folder, 'blobs'));
  const ports = await freePorts(roles.length);
  const urls = Object.fromEntries(roles.map(({ name }, at) => [name, `http://127.0.0.1:${ports[at]}`]));
  const { env, secrets, privateKey } = commonSettings({ services: roles.map(({ name }) => name), folder });
  const common: NodeJS.ProcessEnv = {
    ...env,
    PATH: process.env['PATH'],
    NODE_OPTIONS: imageNodeOptions(),
    LOG_LEVEL: 'warn',
    DATABASE_POOL: '10',
    REDIS_URL: servers.redis.url,
    APP_URL: urls['gateway'],
    ...Object.fromEntries(roles.flatMap(({ urlSetting, name }) => (urlSetting ? [[urlSetting, urls[name]]] : []))),
    ...options.settings,
  };
  const supervise = (name: string, port: number): RoleProcess => {
    const schema = roles.find((role) => role.name === name)?.schema;
    const own = schema
      ? { DATABASE_URL: databaseUrl(servers, schema, passwords[schema] ?? ''), SERVICE_SECRET: secrets[name] }
      : {};
    return superviseRole({
      ...{ name, port, dir: servers.folder.dir, hold: options.hold ?? false },
      env: { ...common, ...own },
    });
  };
  const running: RoleProcess[] = [];
  const pool = new pg.Pool({ connectionString: servers.postgres.url, max: 3 });
  pool.on('error', () => undefined);
  undo.defer(() => pool.end());
  undo.defer(async () => void (await Promise.all(running.map((role) => role.stop()))));
  // Auth is the first of them; the others ask it whom they may trust.
  for (const [at, { name }] of roles.entries()) {
    running.push(supervise(name, ports[at] ?? 0));
    if (at === 0) await running[0]?.ready();
  }
  await Promise.all(running.map((role) => role.ready()));
  const named = Object.fromEntries(running.map((role) => [role.name, role]));
  const rest = undo.move();
  const platform: ProcessPlatform = {
    ...{ gateway: urls['gateway'] ?? '', urls, privateKey, servers, roles: named },
    database: {
      query: async <Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) =>
        (await pool.query<Row>(sql, values)).rows,
    },
    ended: () => running.flatMap(({ ended }) => ended),
    async another(name) {
      const [port = 0] = await freePorts(1);
      const role = supervise(name, port);
      running.push(role);
      await role.ready();
      return role;
    },
    async close() {
      if (open.delete(platform)) await rest.disposeAsync();
    },
  };
  open.add(platform);
  return platform;
};
