import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { faultIn, runClosed, runOpen, type Outcome, type Worked } from '../../harness/load.ts';
import { cpuMsOf } from '../../harness/process.tree.ts';
import { figureOf, measureRounds, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { startSide } from '../../harness/side.ts';
import { startServers } from '../../infra/servers.ts';
import { PASSWORD, startBetterAuth, startOurs, type AuthServer } from './auth.sides.ts';
import { loginReport } from './login.report.ts';

const USERS = 100;
/** Sign-ins, or bare hashes, under way at any time: as many as libuv has threads. */
const WORKERS = 4;
/** How much more than it can do ours is asked for to see what it does then. */
const OVERLOAD = 3;
const Rate = z.object({ perSecond: z.number(), done: z.int(), fault: z.string().optional() });

const emails = Array.from({ length: USERS }, (_, at) => `person-${at}@example.com`);
const emailOf = (number: number): string => emails[number % USERS] ?? '';

/** A sign-in that counts has been answered with new tokens. */
const signIn = async ({ caller }: AuthServer, path: string, number: number): Promise<Outcome> => {
  const { status, headers, cookies, body } = await caller.post(path, { email: emailOf(number), password: PASSWORD });
  const given = cookies.length > 0 || z.object({ refreshToken: z.string() }).safeParse(body).success;
  if (status === 200 && given) return 'done';
  return status === 503 && headers['retry-after'] !== undefined ? 'refused' : `answered ${status}`;
};

const measureServer = async (server: AuthServer, path: string, seconds: number): Promise<Sample> => {
  let number = 0;
  const next = (): Promise<Outcome> => signIn(server, path, (number += 1));
  await runClosed({ workers: WORKERS, seconds: 0.5 }, next);
  const cpu = cpuMsOf([server.pid]);
  const worked = await runClosed({ workers: WORKERS, seconds }, next);
  const fault = faultIn(worked);
  return {
    figure: worked.perSecond,
    cpuMsPerItem: (cpuMsOf([server.pid]) - cpu) / worked.done,
    ...(fault === undefined ? {} : { fault }),
    further: { p50Ms: worked.p50Ms, p99Ms: worked.p99Ms },
  };
};

/** The bare binding, in a process of its own. */
const startHashing = async ({ pinning }: BenchContext, undo: AsyncDisposableStack) => {
  const file = fileURLToPath(import.meta.resolve('./argon2.child.ts'));
  const side = await startSide({ file, env: {}, prefix: pinning.sut });
  undo.defer(() => side.stop());
  return {
    bindings: await side.call('bindings', {}, z.array(z.string())),
    async measure(binding: string, seconds: number): Promise<Sample> {
      const cpu = cpuMsOf([side.pid]);
      const { perSecond, done, fault } = await side.call('rate', { binding, workers: WORKERS, seconds }, Rate);
      const cpuMsPerItem = (cpuMsOf([side.pid]) - cpu) / done;
      return { figure: perSecond, cpuMsPerItem, ...(fault === undefined ? {} : { fault }), further: {} };
    },
  };
};

const LOGIN = '/api/v1/auth/login';
const BETTER_AUTH_LOGIN = '/api/auth/sign-in/email';

const run = async (context: BenchContext) => {
  const { say, quick } = context;
  await using undo = new AsyncDisposableStack();
  const servers = await startServers(context);
  undo.defer(() => servers.stop());
  const parts = { servers, context, undo };
  say(`signing up ${USERS} people on each side`);
  const ours = await startOurs(parts, emails);
  const peer = await startBetterAuth(parts, emails, { passwords: 'argon2id', accessTokens: false });
  const scrypt = await startBetterAuth(parts, emails, { passwords: 'scrypt', accessTokens: false });
  const hashing = await startHashing(context, undo);

  const seconds = quick ? 2 : 4;
  const names = hashing.bindings;
  const candidates = await measureRounds({
    sides: names,
    rounds: quick ? 1 : 3,
    measure: (name) => hashing.measure(name, seconds / 2),
    say,
  });
  const rates = names.map((name) => ({ name, perSecond: figureOf(candidates, name) ?? 0 }));
  const fastest = rates.toSorted((a, b) => b.perSecond - a.perSecond)[0]?.name ?? '';
  say(`the fastest binding is ${fastest}`);

  const measures: Record<string, () => Promise<Sample>> = {
    ours: () => measureServer(ours, LOGIN, seconds),
    peer: () => measureServer(peer, BETTER_AUTH_LOGIN, seconds),
    scrypt: () => measureServer(scrypt, BETTER_AUTH_LOGIN, seconds),
    floor: () => hashing.measure(fastest, seconds),
  };
  for (const name of ['ours', 'peer', 'scrypt']) await measures[name]?.();
  const rounds = await measureRounds({
    sides: Object.keys(measures),
    rounds: quick ? 3 : 5,
    measure: (side) => measures[side]?.() ?? Promise.reject(new Error(`there is no side ${side}`)),
    say,
  });
  const asked = OVERLOAD * (figureOf(rounds, 'ours') ?? 0);
  say(`asking for ${asked.toFixed(0)} sign-ins a second`);
  const overload: Worked = await runOpen({ perSecond: asked, seconds: quick ? 3 : 8 }, (number) =>
    signIn(ours, LOGIN, number),
  );
  return loginReport({ rounds, rates, fastest, workers: WORKERS, overload, asked });
};

export const authLogin: Scenario = {
  name: 'auth-login',
  summary: 'signing in with a password, against the bare hash and better-auth',
  run,
};
