import { fork, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createTestDatabase,
  forgetKeys,
  neverTurnedAway,
  redisUrl,
  startSlowModel,
  type TestDatabase,
} from '@atrium/testing';
import { Redis } from 'ioredis';
import { freePort } from '../../src/process/ports.ts';
import { roles } from '../../src/roles.ts';
import { loadDefinitions, migrated } from './platform.fixture.ts';

/** Every role in processes of its own, each held by one that can replace it. */
export interface HeldPlatform {
  readonly gateway: string;
  readonly database: TestDatabase;
  /** Puts a new process in the place of the running one; resolves when the former is gone. */
  replace(role: string): Promise<void>;
  close(): Promise<void>;
}

const hears = (child: ChildProcess, word: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      if (message !== word) return;
      child.off('message', listen);
      resolve();
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`it ended with ${code} instead of saying "${word}"`)));
  });

/** @param log file that everything the processes say goes to */
export const startHeldPlatform = async (settings: NodeJS.ProcessEnv = {}, log?: string): Promise<HeldPlatform> => {
  const database = await createTestDatabase(migrated(await loadDefinitions()));
  const model = await startSlowModel(60, 50);
  const prefix = `held-${randomBytes(6).toString('hex')}`;
  const blobs = mkdtempSync(path.join(tmpdir(), 'atrium-held-'));
  const ports = new Map<string, number>();
  for (const { name } of roles) ports.set(name, await freePort());
  const url = (name: string): string => `http://127.0.0.1:${ports.get(name)}`;
  const secrets = Object.fromEntries(roles.map(({ name }) => [name, randomBytes(24).toString('base64url')]));
  const common: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    LOG_LEVEL: 'warn',
    ...neverTurnedAway,
    REDIS_URL: redisUrl(),
    QUEUE_PREFIX: prefix,
    DATABASE_POOL: '10',
    BLOB_DIR: blobs,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: model.url,
    DEFAULT_MODEL: 'fake-model',
    RATE_LIMIT_USER: '0',
    RATE_LIMIT_ANONYMOUS: '0',
    JWT_PRIVATE_KEY: generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey,
    SERVICE_SECRETS: JSON.stringify(secrets),
    ...Object.fromEntries(roles.flatMap(({ name, urlSetting }) => (urlSetting ? [[urlSetting, url(name)]] : []))),
    ...settings,
  };
  const program = path.resolve(import.meta.dirname, '../../src/main.ts');
  const children = new Map<string, ChildProcess>();
  for (const role of roles) {
    const child = fork(program, ['serve', role.name, '--hold'], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...common,
        PORT: String(ports.get(role.name)),
        ...(role.schema ? { DATABASE_URL: database.urlOf(role.schema), SERVICE_SECRET: secrets[role.name] } : {}),
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => log && appendFileSync(log, chunk));
    }
    children.set(role.name, child);
    await hears(child, 'ready');
  }
  return {
    gateway: url('gateway'),
    database,
    async replace(role) {
      const child = children.get(role);
      if (!child) throw new Error(`no role ${role}`);
      const replaced = hears(child, 'replaced');
      child.kill('SIGHUP');
      await replaced;
    },
    async close() {
      for (const child of [...children.values()].toReversed()) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      await model.close();
      const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
      await forgetKeys(redis, prefix);
      redis.disconnect();
      await database.drop();
      rmSync(blobs, { recursive: true, force: true });
    },
  };
};
