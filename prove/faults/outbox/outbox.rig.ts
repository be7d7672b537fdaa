import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserRegistered } from '@atrium/contracts';
import { createTestDatabase, eventually, forgetKeys, redisUrl, startTokenIssuer } from '@atrium/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { listener } from './listener.service.ts';

/** One that was handled, in the order of handling. */
export interface Heard {
  readonly key: string;
  readonly number: number;
  /** From just before it was committed to its effect; ms. */
  readonly lateMs: number;
}

/** An outbox with relays in processes of their own, and a service that writes down what it hears. */
export interface OutboxRig {
  /** Commits events at an even rate, those of a key in order; numbers go on where the last call ended. */
  write(options: { keys: number; perSecond: number; seconds: number }): Promise<number>;
  /** Ends a relay with SIGKILL and starts it again. */
  kill(relay: number): Promise<void>;
  heard(): Promise<readonly Heard[]>;
  count(): Promise<number>;
  /** Waits until nothing is under way. */
  drained(withinMs: number): Promise<boolean>;
  query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  /** A connection of its own, for a transaction that is held open. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Events of one commit; each of another key. */
const AT_ONCE = 10;

export const startOutboxRig = async (relays: number): Promise<OutboxRig> => {
  await using undo = new AsyncDisposableStack();
  const database = await createTestDatabase([{ schema: 'teller', migrations: [] }, listener]);
  undo.defer(() => database.drop());
  const prefix = `outbox-${randomBytes(6).toString('hex')}`;
  const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });
  undo.defer(async () => {
    await forgetKeys(redis, prefix);
    redis.disconnect();
  });
  const issuer = await startTokenIssuer();
  undo.defer(() => issuer.close());
  const service = await listener.start({
    ...{ PORT: '0', LOG_LEVEL: 'silent', DATABASE_URL: database.urlOf('listener'), REDIS_URL: redisUrl() },
    ...{ QUEUE_PREFIX: prefix, AUTH_URL: issuer.url, DATABASE_POOL: '6' },
  });
  undo.defer(() => service.close());
  const writers = new pg.Pool({ connectionString: database.urlOf('teller'), max: 4 });
  writers.on('error', () => undefined);
  undo.defer(() => writers.end());
  const children = new Map<number, ChildProcess>();
  const file = path.join(import.meta.dirname, 'relay.child.ts');
  const start = async (relay: number): Promise<void> => {
    const child = fork(file, [database.urlOf('teller'), redisUrl(), prefix], {
      execArgv: ['--no-warnings'],
      stdio: 'inherit',
    });
    children.set(relay, child);
    const begun = await Promise.race([once(child, 'message').then(() => true), once(child, 'exit').then(() => false)]);
    // One that could not reach the database in time is started again, as a supervisor would.
    if (!begun) await start(relay);
  };
  const end = async (relay: number): Promise<void> => {
    const child = children.get(relay);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  undo.defer(async () => void (await Promise.all([...children.keys()].map(end))));
  await Promise.all(Array.from({ length: relays }, (_, relay) => start(relay)));

  const workspaceId = randomUUID();
  const numbers = new Map<string, number>();
  const commit = async (keys: readonly string[]): Promise<void> => {
    const envelopes = keys.map((key) => {
      const number = (numbers.get(key) ?? 0) + 1;
      numbers.set(key, number);
      const person = { userId: randomUUID(), email: 'someone@example.com', name: key, timeZone: 'UTC' };
      return {
        ...{ specversion: '1.0', id: randomUUID(), source: '/auth', type: UserRegistered.type, subject: key },
        ...{ time: new Date().toISOString(), datacontenttype: 'application/json', workspaceid: workspaceId },
        data: { ...person, workspaceId, locale: String(number).padStart(2, '0') },
      };
    });
    await writers.query(
      `insert into teller.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       select (e->>'id')::uuid, 'calendar', e->>'subject', e->>'type', (e->>'workspaceid')::uuid, e
       from jsonb_array_elements($1::jsonb) with ordinality as given (e, at) order by at`,
      [JSON.stringify(envelopes)],
    );
  };
  const query: OutboxRig['query'] = (sql) => database.query(sql);
  const rest = undo.move();
  return {
    async write({ keys, perSecond, seconds }) {
      const began = performance.now();
      const groups = Math.ceil(keys / AT_ONCE);
      const total = Math.round(perSecond * seconds);
      let written = 0;
      // One after the other within a group, so that the events of a key are committed in order.
      const last = new Map<number, Promise<void>>();
      for (let turn = 0; written < total; turn += 1) {
        const group = turn % groups;
        const own = Array.from(
          { length: Math.min(AT_ONCE, keys - group * AT_ONCE) },
          (_, at) => `key-${group * AT_ONCE + at}`,
        );
        const work = (last.get(group) ?? Promise.resolve()).then(() => commit(own));
        last.set(group, work);
        written += own.length;
        const due = began + (written / perSecond) * 1_000;
        if (due > performance.now()) await sleep(due - performance.now());
        else if (turn % groups === groups - 1) await work;
      }
      await Promise.all(last.values());
      return written;
    },
    async kill(relay) {
      await end(relay);
      await start(relay);
    },
    heard: () =>
      query<{ key: string; number: number; lateMs: number }>(
        `select key, number, late_ms as "lateMs" from listener.heard order by at`,
      ),
    count: async () =>
      (await query<{ count: number }>('select count(*)::int as count from listener.heard'))[0]?.count ?? 0,
    drained: (withinMs) =>
      eventually(async () => (await query(`select 1 from teller.outbox limit 1`)).length === 0, withinMs).then(
        () => true,
        () => false,
      ),
    query,
    async connect() {
      const client = new pg.Client(database.adminUrl);
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    close: () => rest.disposeAsync(),
  };
};
