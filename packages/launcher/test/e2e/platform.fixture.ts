import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestDatabase, forgetKeys, neverTurnedAway, redisUrl, type TestDatabase } from '@atrium/testing';
import type { RunningService } from '@atrium/service-kit';
import { Redis } from 'ioredis';
import { freePort } from '../../src/process/ports.ts';
import { roles, type RoleDefinition } from '../../src/roles.ts';

/** The whole platform in this process: every role on a port of its own, one database, the gateway in front. */
export interface PlatformUnderTest {
  readonly gateway: string;
  /** Where each role answers on its own port. */
  readonly urls: Readonly<Record<string, string>>;
  readonly definitions: readonly RoleDefinition[];
  readonly database: TestDatabase;
  close(): Promise<void>;
}

const pem = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;

/** Loads the definitions of every role. */
export const loadDefinitions = (): Promise<RoleDefinition[]> => Promise.all(roles.map((role) => role.load()));

export const migrated = (definitions: readonly RoleDefinition[]) =>
  definitions.flatMap(({ schema, migrations }) => (schema && migrations ? [{ schema, migrations }] : []));

/**
 * @param settings added to every role's environment
 * @param ofGateway added to the gateway's alone
 * @param restored a database to run on instead of a new one; closing drops it as well
 */
export const startPlatformUnderTest = async (
  settings: NodeJS.ProcessEnv = {},
  ofGateway: NodeJS.ProcessEnv = {},
  restored?: TestDatabase,
): Promise<PlatformUnderTest> => {
  const definitions = await loadDefinitions();
  const database = restored ?? (await createTestDatabase(migrated(definitions)));
  const prefix = `e2e-${randomBytes(6).toString('hex')}`;
  const blobs = mkdtempSync(path.join(tmpdir(), 'atrium-e2e-'));
  const ports = await Promise.all(roles.map(() => freePort()));
  const url = (at: number): string => `http://127.0.0.1:${ports[at]}`;
  const secrets = Object.fromEntries(roles.map(({ name }) => [name, randomBytes(24).toString('base64url')]));
  const common: NodeJS.ProcessEnv = {
    LOG_LEVEL: 'silent',
    ...neverTurnedAway,
    REDIS_URL: redisUrl(),
    QUEUE_PREFIX: prefix,
    DATABASE_POOL: '4',
    BLOB_DIR: blobs,
    JWT_PRIVATE_KEY: pem(),
    SERVICE_SECRETS: JSON.stringify(secrets),
    ...Object.fromEntries(roles.flatMap(({ urlSetting }, at) => (urlSetting ? [[urlSetting, url(at)]] : []))),
    ...settings,
  };
  const running: RunningService[] = [];
  for (const [at, role] of roles.entries()) {
    const definition = definitions[at];
    if (!definition) continue;
    running.push(
      await definition.start({
        ...common,
        ...(role.name === 'gateway' ? ofGateway : {}),
        PORT: String(ports[at]),
        ...(role.schema ? { DATABASE_URL: database.urlOf(role.schema) } : {}),
        ...(role.schema ? { SERVICE_SECRET: secrets[role.name] } : {}),
      }),
    );
  }
  const urls = Object.fromEntries(roles.map(({ name }, at) => [name, url(at)]));
  return {
    gateway: urls['gateway'] ?? '',
    urls,
    definitions,
    database,
    async close() {
      for (const role of running.toReversed()) await role.close();
      const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
      await forgetKeys(redis, prefix);
      redis.disconnect();
      await database.drop();
      rmSync(blobs, { recursive: true, force: true });
    },
  };
};

/** A signed-in person who calls any URL of the platform. */
export const signUp = async (gateway: string, name: string) => {
  const answer = await fetch(`${gateway}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `${name}-${randomBytes(4).toString('hex')}@example.com`,
      password: 'a long pass phrase',
      name,
    }),
  });
  const body = (await answer.json()) as {
    accessToken: string;
    user: { id: string; email: string };
    workspace: { id: string };
  };
  const call = async (method: string, url: string, body?: unknown) => {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${bodyToken}`,
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      json: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>,
    };
  };
  const bodyToken = body.accessToken;
  return { ...body, status: answer.status, call };
};
export type Person = Awaited<ReturnType<typeof signUp>>;
