import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createTestDatabase,
  forgetKeys,
  neverTurnedAway,
  redisUrl,
  testPasswords,
  type TestDatabase,
} from '@atrium/testing';
import { Redis } from 'ioredis';
import { isFree } from '../../src/process/ports.ts';
import { roles } from '../../src/roles.ts';
import { loadDefinitions, migrated } from './platform.fixture.ts';

/** The platform as a process of its own, started by the real command, that can be killed and started again. */
export interface ProcessUnderTest {
  readonly gateway: string;
  readonly database: TestDatabase;
  start(): Promise<void>;
  /** SIGKILL: nothing is drained, nothing is said. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const freeBase = async (): Promise<number> => {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 3_000) * 10;
    const free = await Promise.all(roles.map(({ offset }) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
};

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode ? resolve() : child.once('exit', () => resolve()),
  );

export const prepareProcess = async (settings: NodeJS.ProcessEnv = {}): Promise<ProcessUnderTest> => {
  const database = await createTestDatabase(migrated(await loadDefinitions()));
  const home = mkdtempSync(path.join(tmpdir(), 'atrium-crash-'));
  const prefix = `crash-${path.basename(home)}`;
  const base = await freeBase();
  const root = path.resolve(import.meta.dirname, '../../../..');
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [path.join(root, 'packages/launcher/src/main.ts'), 'start'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ATRIUM_HOME: home,
        ATRIUM_PORT_BASE: String(base),
        DATABASE_URL: database.adminUrl,
        DB_PASSWORDS: JSON.stringify(testPasswords(roles.flatMap(({ schema }) => schema ?? []))),
        REDIS_URL: redisUrl(),
        QUEUE_PREFIX: prefix,
        DATABASE_POOL: '4',
        LOG_LEVEL: 'warn',
        ...neverTurnedAway,
        ...settings,
      },
    });
    const own = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes('/docs')) resolve();
      };
      own.stdout?.on('data', read);
      own.stderr?.on('data', read);
      own.once('exit', (code) => reject(new Error(`the platform ended with ${code}:\n${output}`)));
    });
  };

  return {
    gateway: `http://127.0.0.1:${base}`,
    database,
    start,
    async kill() {
      if (!child) return;
      child.kill('SIGKILL');
      await ended(child);
    },
    async close() {
      if (child) {
        child.kill('SIGTERM');
        await ended(child);
      }
      const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
      await forgetKeys(redis, prefix);
      redis.disconnect();
      await database.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
};
