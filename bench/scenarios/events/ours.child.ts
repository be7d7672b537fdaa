import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@atrium/service-kit';
import pg from 'pg';
import { answerCalls } from '../../harness/answer.calls.ts';
import { quantile } from '../../harness/statistics.ts';
import { createBenchService } from './bench.service.ts';
import { inPieces, makeEvents, tenAtATime } from './sample.events.ts';
import { Pace, Seed } from './side.calls.ts';

/** When each event's effect was committed, by its number. */
const handled = new Map<number, number>();
let seen = 0;
let reached: { count: number; resolve: () => void } | undefined;

const { definition, publisher } = createBenchService((number) => {
  handled.set(number, performance.now());
  seen += 1;
  if (reached && seen >= reached.count) reached.resolve();
});

const forget = (): void => {
  handled.clear();
  seen = 0;
};
const whenHandled = (count: number): Promise<void> =>
  new Promise((resolve) => (seen >= count ? resolve() : (reached = { count, resolve })));

const running = await definition.start(process.env);
const db = new pg.Client({ connectionString: process.env.DATABASE_URL, options: '-c search_path=bench' });
await db.connect();

/** The relay takes under this lock; while it is held here, nothing is published. */
const RELAY_LOCK = `hashtext(current_schema() || '.outbox')`;

const seed = async (value: unknown) => {
  const { count } = Seed.parse(value);
  await db.query(`select pg_advisory_lock(${RELAY_LOCK})`);
  // The nudge of `drain` is the last event.
  for (const events of inPieces(makeEvents(count).slice(1), 500)) {
    await db.query(
      `insert into outbox (event_id, subscriber, key, type, workspace_id, envelope)
       select (e->>'id')::uuid, $2, e->>'subject', e->>'type', (e->>'workspaceid')::uuid, e
       from jsonb_array_elements($1::jsonb) as e`,
      [JSON.stringify(events), definition.name],
    );
  }
};

const drain = async (value: unknown) => {
  const { count } = Seed.parse(value);
  forget();
  const started = performance.now();
  await db.query(`select pg_advisory_unlock(${RELAY_LOCK})`);
  await publisher().run({ workspaceId: newId() }, (service) => service.publish(newId(), count));
  await whenHandled(count);
  while ((await db.query('select 1 from outbox limit 1')).rowCount) await sleep(2);
  return { ms: performance.now() - started };
};

/** From the first commit to the last effect: ten at a time commit one event each while the others are handled. */
const through = async (value: unknown) => {
  const { count } = Seed.parse(value);
  const workspaces = Array.from({ length: 50 }, newId);
  const publish = publisher();
  forget();
  const started = performance.now();
  await tenAtATime(count, (number) => {
    const workspaceId = workspaces[number % workspaces.length] ?? newId();
    return publish.run({ workspaceId }, (service) => service.publish(newId(), number));
  });
  await whenHandled(count);
  while ((await db.query('select 1 from outbox limit 1')).rowCount) await sleep(2);
  return { ms: performance.now() - started };
};

/** Open loop: each commit has its time, and one that is late does not move the next. */
const pace = async (value: unknown) => {
  const { perSecond, seconds } = Pace.parse(value);
  const count = Math.round(perSecond * seconds);
  const workspaces = Array.from({ length: 50 }, newId);
  const committed = new Map<number, number>();
  const publish = publisher();
  const commit = async (number: number): Promise<void> => {
    const workspaceId = workspaces[number % workspaces.length] ?? newId();
    await publish.run({ workspaceId }, (service) => service.publish(newId(), number));
    committed.set(number, performance.now());
  };
  forget();
  const started = performance.now();
  const commits: Promise<void>[] = [];
  for (let number = 0; number < count; number += 1) {
    const early = started + (number * 1_000) / perSecond - performance.now();
    if (early > 1) await sleep(early);
    commits.push(commit(number));
  }
  await Promise.all(commits);
  const tookMs = performance.now() - started;
  await whenHandled(count);
  // An event can be handled before the promise of its commit is resolved here.
  const waits = [...committed].map(([number, at]) => Math.max(0, (handled.get(number) ?? Number.NaN) - at));
  return { count, perSecond: (count * 1_000) / tookMs, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
};

answerCalls({ seed, drain, through, pace, close: () => running.close() });
