import { setTimeout as sleep } from 'node:timers/promises';
import { homeAt, readLauncherConfig } from '@atrium/launcher';
import { z } from 'zod';
import { faultIn, runClosed, type Outcome } from '../../harness/load.ts';
import { cpuMsOf } from '../../harness/process.tree.ts';
import { measureRounds, type Sample } from '../../harness/rounds.ts';
import type { BenchContext, Scenario } from '../../harness/scenario.ts';
import { asAdmin, createDatabase } from '../../infra/databases.ts';
import { preparePgbench } from '../../infra/pgbench.ts';
import { startServers, type Servers } from '../../infra/servers.ts';
import { startBetterAuth, startOurs, type AuthServer } from './auth.sides.ts';
import { refreshReport } from './refresh.report.ts';

/** Sessions, and how many are refreshed at a time: as many as pgbench has clients. */
const SESSIONS = 256;
const WORKERS = 8;
const emails = Array.from({ length: SESSIONS }, (_, at) => `person-${at}@example.com`);

/** Refreshes one session once; it is not called for the same session twice at a time. */
type Refresh = (session: number) => Promise<Outcome>;

/** Each refresh spends the token that the one before gave. */
const refreshOurs = ({ caller }: AuthServer, tokens: string[]): Refresh => {
  const Pair = z.object({ refreshToken: z.string(), accessToken: z.string() });
  return async (session) => {
    const { status, body } = await caller.post('/api/v1/auth/refresh', { refreshToken: tokens[session] ?? '' });
    const pair = Pair.safeParse(body);
    if (status !== 200 || !pair.success) return `answered ${status}: ${JSON.stringify(body)}`;
    if (pair.data.refreshToken === tokens[session]) return 'answered with the token that was spent';
    tokens[session] = pair.data.refreshToken;
    return 'done';
  };
};

const refreshPeer = ({ caller }: AuthServer, cookies: string[], accessTokens: boolean): Refresh => {
  const Answer = z.object({ session: z.object({ expiresAt: z.string() }) });
  return async (session) => {
    const { status, body, headers } = await caller.get('/api/auth/get-session', { cookie: cookies[session] ?? '' });
    if (status !== 200 || !Answer.safeParse(body).success) return `answered ${status}: ${JSON.stringify(body)}`;
    return accessTokens && headers['set-auth-jwt'] === undefined ? 'gave no access token' : 'done';
  };
};

const measureServer = async (
  server: AuthServer,
  refresh: Refresh,
  { seconds, servers }: { seconds: number; servers: Servers },
): Promise<Sample> => {
  // Each worker has sessions of its own and takes them in turn.
  const turns = Array.from({ length: WORKERS }, () => 0);
  const next = (worker: number): Promise<Outcome> => {
    const turn = (turns[worker] = ((turns[worker] ?? 0) + 1) % (SESSIONS / WORKERS));
    return refresh(turn * WORKERS + worker);
  };
  await runClosed({ workers: WORKERS, seconds: 0.5 }, next);
  const before = { own: cpuMsOf([server.pid]), below: cpuMsOf([servers.postgresPid, servers.redisPid]) };
  const worked = await runClosed({ workers: WORKERS, seconds }, next);
  const below = cpuMsOf([servers.postgresPid, servers.redisPid]) - before.below;
  const fault = faultIn(worked);
  return {
    figure: worked.perSecond,
    cpuMsPerItem: (cpuMsOf([server.pid]) - before.own) / worked.done,
    ...(fault === undefined ? {} : { fault }),
    further: { p50Ms: worked.p50Ms, p99Ms: worked.p99Ms, serversCpuMs: below / worked.done },
  };
};

/** Afterwards every session must be open and have one token that was not spent. */
const faultInChains = (adminUrl: string): Promise<string | undefined> =>
  asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ broken: number }>(`
      select count(*)::int as broken from auth.sessions s
       where s.revoked_at is not null
          or 1 <> (select count(*) from auth.refresh_tokens t where t.session_id = s.id and t.spent_at is null)`);
    const broken = rows[0]?.broken ?? SESSIONS;
    return broken > 0 ? `${broken} sessions were ended or have not exactly one token left` : undefined;
  });

const run = async (context: BenchContext) => {
  const { say, quick, pinning } = context;
  await using undo = new AsyncDisposableStack();
  const servers = await startServers(context);
  undo.defer(() => servers.stop());
  const parts = { servers, context, undo };
  const { runtimeDir } = homeAt(readLauncherConfig(context.env).home);
  const databaseUrl = await createDatabase(servers.adminUrl);
  const pgbench = await preparePgbench({ runtimeDir, databaseUrl, prefix: pinning.sut, say }).catch(String);
  if (typeof pgbench === 'string') say(pgbench);
  say(`opening ${SESSIONS} sessions on each side`);
  const ours = await startOurs(parts, emails);
  const peer = await startBetterAuth(parts, emails, { passwords: 'argon2id', accessTokens: true });
  const bare = await startBetterAuth(parts, emails, { passwords: 'argon2id', accessTokens: false });

  const seconds = quick ? 2 : 4;
  const how = { seconds, servers };
  const [own, theirs, theirsBare] = [
    refreshOurs(ours, ours.refreshTokens),
    refreshPeer(peer, peer.cookies, true),
    refreshPeer(bare, bare.cookies, false),
  ];
  const measures: Record<string, () => Promise<Sample>> = {
    ours: () => measureServer(ours, own, how),
    peer: () => measureServer(peer, theirs, how),
    bare: () => measureServer(bare, theirsBare, how),
  };
  if (typeof pgbench !== 'string')
    measures.floor = async () => {
      const { perSecond, failed } = await pgbench(seconds);
      const fault = failed > 0 ? { fault: `${failed} transactions failed` } : {};
      return { figure: perSecond, cpuMsPerItem: 0, ...fault, further: {} };
    };
  for (const measure of Object.values(measures)) await measure();
  // What the setting up left to be written shall not fall into one side's time.
  await asAdmin(servers.adminUrl, (admin) => admin.query('checkpoint'));
  await sleep(500);
  const rounds = await measureRounds({
    sides: Object.keys(measures),
    rounds: quick ? 3 : 5,
    measure: (side) => measures[side]?.() ?? Promise.reject(new Error(`there is no side ${side}`)),
    say,
  });
  const broken = await faultInChains(ours.adminUrl);
  return refreshReport({ rounds, broken, pgbenchFault: typeof pgbench === 'string' ? pgbench : undefined });
};

export const authRefresh: Scenario = {
  name: 'auth-refresh',
  summary: 'refreshing a session, against pgbench and better-auth',
  run,
};
