import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { service } from '@atrium/auth';
import { migrate, roleOf } from '@atrium/service-kit';
import { z } from 'zod';
import type { BenchContext } from '../../harness/scenario.ts';
import { startSide } from '../../harness/side.ts';
import { asAdmin, createDatabase } from '../../infra/databases.ts';
import type { Servers } from '../../infra/servers.ts';
import { createCaller, type Caller } from './http.caller.ts';

const DATABASE_PASSWORD = 'only-in-benchmarks';
/** Limits of attempts that are never reached; they are counted as always. */
const NO_LIMIT = '1000000';
/** On neither list of common passwords, and it is nobody's name. */
export const PASSWORD = 'a long pass phrase';

/** A server that people sign in to, in a process of its own. */
export interface AuthServer {
  readonly pid: number;
  readonly caller: Caller;
}
interface Parts {
  readonly servers: Servers;
  readonly context: BenchContext;
  readonly undo: AsyncDisposableStack;
}

const start = async (program: string, env: NodeJS.ProcessEnv, { context, undo }: Parts): Promise<AuthServer> => {
  const file = fileURLToPath(import.meta.resolve(program));
  const side = await startSide({ file, env, prefix: context.pinning.sut });
  undo.defer(() => side.stop());
  const caller = createCaller(await side.call('url', {}, z.string()));
  undo.defer(() => caller.close());
  return { pid: side.pid, caller };
};

/** The product's own service, with the settings it has by itself but for the limits of attempts. */
export const startOurs = async (parts: Parts, emails: readonly string[]) => {
  const { servers, undo } = parts;
  const adminUrl = await createDatabase(servers.adminUrl);
  await migrate({ adminUrl, services: [service], passwords: { auth: DATABASE_PASSWORD } });
  const url = new URL(adminUrl);
  [url.username, url.password] = [roleOf('auth'), DATABASE_PASSWORD];
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const mails = mkdtempSync(path.join(tmpdir(), 'atrium-bench-mail-'));
  undo.defer(() => rmSync(mails, { recursive: true, force: true }));
  const settings = {
    PORT: '0',
    LOG_LEVEL: 'error',
    DATABASE_URL: url.href,
    REDIS_URL: servers.redisUrl,
    JWT_PRIVATE_KEY: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    SERVICE_SECRETS: JSON.stringify({ 'agent-orchestrator': randomBytes(16).toString('hex') }),
    DATA_KEYS: `1:${randomBytes(32).toString('base64')}`,
    MAIL_DIR: mails,
    LOGIN_ATTEMPTS_PER_ACCOUNT: '10000',
    LOGIN_ATTEMPTS_PER_ADDRESS: NO_LIMIT,
    REGISTRATIONS_PER_ADDRESS: NO_LIMIT,
  };
  const server = await start('./ours.child.ts', settings, parts);
  const { caller } = server;
  const tokens: string[] = [];
  for (const email of emails) {
    const { status, body } = await caller.post('/api/v1/auth/register', { email, password: PASSWORD });
    if (status !== 201) throw new Error(`registering was answered ${status}: ${JSON.stringify(body)}`);
    tokens.push(z.object({ refreshToken: z.string() }).parse(body).refreshToken);
  }
  // The events and mails of signing up are no part of what is measured.
  await asAdmin(adminUrl, (admin) => admin.query('truncate auth.outbox, auth.jobs'));
  return { ...server, adminUrl, refreshTokens: tokens };
};

/** @param settings which passwords and tokens it has, see better-auth.child.ts */
export const startBetterAuth = async (
  parts: Parts,
  emails: readonly string[],
  settings: { passwords: 'argon2id' | 'scrypt'; accessTokens: boolean },
) => {
  const env = {
    DATABASE_URL: await createDatabase(parts.servers.adminUrl),
    SECRET: randomBytes(32).toString('hex'),
    PASSWORDS: settings.passwords,
    ACCESS_TOKENS: settings.accessTokens ? 'yes' : 'no',
  };
  const server = await start('./better-auth.child.ts', env, parts);
  const cookies: string[] = [];
  for (const email of emails) {
    const body = { email, password: PASSWORD, name: email };
    const answer = await server.caller.post('/api/auth/sign-up/email', body);
    const [cookie] = answer.cookies;
    if (answer.status !== 200 || cookie === undefined)
      throw new Error(`signing up was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    cookies.push(cookie);
  }
  return { ...server, cookies };
};
