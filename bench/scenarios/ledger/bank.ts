import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { service as billing } from '@atrium/billing';
import { migrate, roleOf } from '@atrium/service-kit';
import { imageNodeOptions, makeIdentity } from '@atrium/testing';
import { z } from 'zod';
import type { BenchContext } from '../../harness/scenario.ts';
import { startSide } from '../../harness/side.ts';
import { asAdmin, createDatabase } from '../../infra/databases.ts';
import { prepareScripts } from '../../infra/pgbench.ts';
import { setStage } from '../../infra/stage.ts';
import { bareSchema, bareScripts } from './bare.sql.ts';

/** What the product tells Postgres to keep of its log (`min_wal_size`). */
const LOG_FILES = 32;

/**
 * Postgres fills each new file of its log with zeros, and for 60 to 160 ms nobody can write. A database that has run for
 * a while has enough files to use again: this makes as many.
 */
const fillLog = (url: string): Promise<void> =>
  asAdmin(url, async (admin) => {
    for (let count = 0; count < LOG_FILES; count += 1) {
      await admin.query(`select pg_logical_emit_message(false, 'bench', '')`);
      await admin.query('select pg_switch_wal()');
    }
    await admin.query('checkpoint');
  });

const FUNDS = 1_000_000_000_000;

/** Opens workspaces with money, as the service does. */
const openWorkspaces = (url: string, ids: readonly string[]): Promise<unknown> =>
  asAdmin(url, async (admin) => {
    await admin.query('set search_path = billing, public');
    await admin.query(`insert into ledger_heads (workspace_id) select unnest($1::uuid[])`, [ids]);
    await admin.query(
      `insert into accounts (id, workspace_id, kind, side, currency, created_at)
       select gen_random_uuid(), w, k, s, 'USD', now()
       from unnest($1::uuid[]) w, (values ('granted', 'source'), ('wallet', 'store'), ('held', 'store'), ('spent', 'store')) a (k, s)`,
      [ids],
    );
    const commands = ids.map((w, ord) => {
      const entry = { kind: 'grant', reference: 'welcome', description: 'Funds', amount: FUNDS };
      const accounts = { accs: ['granted', 'wallet'], amts: [-FUNDS, FUNDS] };
      return { ord, verb: 'entry', w, u: w, answer: 200, id: randomUUID(), ...entry, ...accounts };
    });
    await admin.query(`select ledger_apply($1, now(), 'USD', $2)`, [ids.join(), JSON.stringify(commands)]);
    await admin.query('analyze');
  });

/** A wrk script: each request charges the wallet of one of the tokens, under a key of its own. */
const chargeScript = (tokens: readonly string[]): string => `
local tokens = { ${tokens.map((token) => JSON.stringify(token)).join(', ')} }
local prefix = string.format("%d-%d", os.time(), tonumber(tostring({}):match("0x(%x+)"), 16))
local sent = 0
function request()
  sent = sent + 1
  local key = prefix .. "-" .. sent
  return wrk.format("POST", nil, {
    ["authorization"] = "Bearer " .. tokens[math.random(#tokens)],
    ["content-type"] = "application/json",
    ["idempotency-key"] = key,
  }, '{"reference":"' .. key .. '","amount":1,"description":"bench"}')
end
`;

const Counted = z.object({ total: z.coerce.number(), entries: z.coerce.number(), keys: z.coerce.number() });

/** Billing with money in some workspaces, beside the bare functions on the same Postgres. */
export const openBank = async (context: BenchContext, workspaces: number, undo: AsyncDisposableStack) => {
  const { pinning, say } = context;
  const { runtimeDir, wrk, servers, issuer } = await setStage(context, undo);
  const url = await createDatabase(servers.adminUrl);
  const password = randomBytes(12).toString('hex');
  await migrate({ adminUrl: url, services: [billing], passwords: { billing: password } });
  const identities = Array.from({ length: workspaces }, () => makeIdentity());
  await openWorkspaces(
    url,
    identities.map(({ workspaceId }) => workspaceId),
  );
  await asAdmin(url, (admin) => admin.query(bareSchema));
  const tokens = identities.map((one) => issuer.token(one, { actor: 'agent-orchestrator', expiresIn: 7_200 }));
  const own = new URL(url);
  own.username = roleOf('billing');
  own.password = password;
  const side = await startSide({
    file: fileURLToPath(import.meta.resolve('./ours.child.ts')),
    prefix: pinning.sut,
    env: {
      NODE_OPTIONS: imageNodeOptions(),
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: own.href,
      REDIS_URL: servers.redisUrl,
      AUTH_URL: issuer.url,
      SERVICE_SECRET: 'only-in-benchmarks-only-in-benchmarks',
    },
  });
  undo.defer(() => side.stop());
  const silent = await startSide({
    file: fileURLToPath(import.meta.resolve('../gateway/upstream.child.ts')),
    prefix: pinning.sut,
    env: {},
  });
  undo.defer(() => silent.stop());
  const silentAddress = `http://${await silent.call('address', {}, z.string())}/`;
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-bench-ledger-'));
  chmodSync(dir, 0o700);
  undo.defer(() => rmSync(dir, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    const file = path.join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const files = {
    charge: write('charge.lua', chargeScript(tokens)),
    spread: write('spread.sql', bareScripts.spread),
    hot: write('hot.sql', bareScripts.hot),
    batched: write('batched.sql', bareScripts.batched),
  };
  const pgbench = await prepareScripts({ runtimeDir, databaseUrl: url, prefix: pinning.sut, say });
  const address = `${await side.call('url', {}, z.string())}/internal/charges`;

  return {
    files,
    pgbench,
    tokens,
    address,
    pid: side.pid,
    postgresPid: servers.postgresPid,
    load: (seconds: number) => wrk(address, seconds, {}, files.charge),
    /** Requests per second of the generator against a server that does nothing, in place of ours. */
    generatorAlone: async (seconds: number) => (await wrk(silentAddress, seconds, {}, files.charge)).perSecond,
    /** Until the tables have rows and Postgres knows it: what follows is planned for tables in use. */
    async warmUp(seconds: number): Promise<void> {
      await wrk(address, 2, {}, files.charge);
      await asAdmin(url, (admin) => admin.query('analyze'));
      await fillLog(url);
      await wrk(address, seconds, {}, files.charge);
      await sleep(1_000);
    },
    /**
     * Clears away what earlier runs left, of whichever side, so that each run pays for its own work alone; and makes log
     * files ready to be used again.
     */
    settle: () =>
      asAdmin(url, async (admin) => {
        await admin.query('vacuum analyze');
        await admin.query('checkpoint');
      }),
    /** As on storage that takes longer to make a commit last: Postgres waits this long before each. */
    async withSlowerCommits<Result>(us: number, work: () => Promise<Result>): Promise<Result> {
      const set = (delay: number) =>
        asAdmin(url, async (admin) => {
          await admin.query(`alter system set commit_siblings = 0`);
          await admin.query(`alter system set commit_delay = ${delay}`);
          await admin.query('select pg_reload_conf()');
        });
      await set(us);
      try {
        return await work();
      } finally {
        await set(0);
      }
    },
    /** What the books hold now: the sum of all postings, the entries, and the keys that were kept. */
    count: () =>
      asAdmin(url, async (admin) =>
        Counted.parse(
          (
            await admin.query(`select
              (select coalesce(sum(amount), 0) from billing.postings)
                + (select coalesce(sum(balance), 0) from billing.accounts)
                + (select coalesce(sum(amount), 0) from bare.postings) as total,
              (select count(*) from billing.entries where kind = 'charge') as entries,
              (select count(*) from billing.idempotency_keys) as keys`)
          ).rows[0],
        ),
      ),
  };
};
export type Bank = Awaited<ReturnType<typeof openBank>>;
