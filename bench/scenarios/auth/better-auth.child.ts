import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash, verify } from '@node-rs/argon2';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins/jwt';
import pg from 'pg';
import { answerCalls } from '../../harness/answer.calls.ts';
import { ARGON2ID } from './argon2.cost.ts';

/** The same binding and cost as ours instead of its own scrypt. */
const argon2id = {
  hash: (password: string) => hash(password, { algorithm: 2, ...ARGON2ID }),
  verify: ({ hash: encoded, password }: { hash: string; password: string }) => verify(encoded, password),
};

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** An installation as its manual has it, with what would refuse many requests of one address switched off. */
const options = {
  baseURL: url,
  secret: process.env.SECRET ?? '',
  database: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
  emailAndPassword: { enabled: true, ...(process.env.PASSWORDS === 'argon2id' ? { password: argon2id } : {}) },
  // Every request renews the session, as a refresh does; by itself it does so once a day.
  session: { updateAge: 0 },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' as const },
  ...(process.env.ACCESS_TOKENS === 'yes'
    ? { plugins: [jwt({ jwks: { keyPairConfig: { alg: 'ES256' as const } } })] }
    : {}),
};
const auth = betterAuth(options);
await (await getMigrations(options)).runMigrations();
const handle = toNodeHandler(auth);
server.on('request', (req, res) => void handle(req, res));

answerCalls({ url: () => Promise.resolve(url) });
