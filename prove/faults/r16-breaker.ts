import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeOpenAi, startFakeS3 } from '@atrium/testing';
import { form } from '../api/makers.ts';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { startFlakyServer, type FlakyServer, type Health } from '../platform/flaky.server.ts';
import { canary, must, type Person } from '../platform/people.ts';
import { startPlatform } from '../platform/platform.ts';
import { createWorld } from '../platform/world.ts';
import { watchCrashes } from './crash.watch.ts';
import { partOf } from './load/load.ts';

/** Between tries of what is down. */
const INTERVAL_MS = 1_000;
const CLOSES_MS = 10_000;
/** Time in which clocks of two sides and a crowded machine may differ. */
const SLACK_MS = 50;

/** Somebody who needs the model or the files, again and again; errors are what is expected. */
const asking = (work: () => Promise<unknown>, pauseMs: number) => {
  let going = true;
  const done = (async () => {
    while (going) {
      await work().catch(() => undefined);
      await sleep(pauseMs);
    }
  })();
  return () => ((going = false), done);
};

/** Times of a route that needs nothing outside. */
const unrelated = async (person: Person, ms: number): Promise<number[]> => {
  const times: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until;) {
    const began = performance.now();
    must(await person.call('GET', '/billing/balance'), 'reading the balance');
    times.push(performance.now() - began);
    await sleep(10);
  }
  return times;
};

/** Calls that followed another one sooner than the interval, from a time on. */
const tooSoon = ({ calls }: FlakyServer, from: number): number =>
  calls.filter((at, index) => at >= from && index > 0 && at - (calls[index - 1] ?? 0) < INTERVAL_MS - SLACK_MS).length;

interface Target {
  readonly name: string;
  readonly server: FlakyServer;
  /** Needs the target once; rejects when it does not get it. */
  need(): Promise<unknown>;
  /** How many need it at once. */
  readonly crowd: number;
}

const attack = async (target: Target, bystander: Person, { say, short }: ProofContext) => {
  const { server, name } = target;
  const faults: string[] = [];
  const longer = short ? 1 : 10;
  await target.need();
  const calm = partOf(await unrelated(bystander, 1_500 * longer));
  const phase = async (health: Health, ms: number): Promise<number[]> => {
    server.become(health);
    return unrelated(bystander, ms);
  };
  const stops = Array.from({ length: target.crowd }, () => asking(target.need, 100));
  const times: number[] = [];
  // Enough fail to open it, retries of those who were in before included.
  await phase('errors', 2_500);
  const opened = performance.now();
  times.push(...(await phase('errors', 2_500 * longer)), ...(await phase('hang', 3_500 * longer)));
  const before = server.calls.filter((at) => at >= opened).length;
  const soon = tooSoon(server, opened);
  times.push(...(await phase('half', 2_000 * longer)));
  server.become('well');
  const cured = performance.now();
  let closedMs: number | undefined;
  while (closedMs === undefined && performance.now() - cured < CLOSES_MS) {
    // Closed is when several in a row get what they need.
    const all = await Promise.allSettled([1, 2, 3].map(() => target.need()));
    if (all.every(({ status }) => status === 'fulfilled')) closedMs = performance.now() - cured;
    else await sleep(100);
  }
  await Promise.all(stops.map((stop) => stop()));
  const ill = partOf(times);
  if (before === 0) faults.push(`${name}: it was never tried while it was down`);
  if (soon > 0) faults.push(`${name}: ${soon} of ${before} calls came sooner than ${INTERVAL_MS} ms after another one`);
  if (closedMs === undefined) faults.push(`${name}: not used again ${CLOSES_MS} ms after it was well`);
  const done = `${name}: ${before} calls in ${6 * longer} s of being down, ${target.crowd} clients; used again ${Math.round(closedMs ?? -1)} ms after; unrelated p50 ${calm.p50.toFixed(0)} → ${ill.p50.toFixed(0)} ms, p99 ${calm.p99.toFixed(0)} → ${ill.p99.toFixed(0)} ms`;
  say(done);
  return { faults, done, slower: ill.p50 / calm.p50 };
};

const modelTarget = (server: FlakyServer, person: Person): Target => ({
  name: 'model',
  server,
  crowd: 6,
  async need() {
    const conversation = String(must(await person.call('POST', '/conversations', {}), 'a conversation')['id']);
    const asked = must(
      await person.call('POST', `/conversations/${conversation}/messages`, { text: canary() }),
      'asking',
    );
    const run = asked['run'] as { id: string } | undefined;
    for (let tries = 0; tries < 200; tries += 1) {
      const { status } = must(await person.call('GET', `/runs/${run?.id}`), 'reading the run');
      if (status === 'succeeded' || status === 'completed') return;
      if (['failed', 'cancelled'].includes(String(status))) throw new Error('the run failed');
      await sleep(50);
    }
    throw new Error('the run did not end');
  },
});

const storeTarget = (server: FlakyServer, person: Person): Target => ({
  name: 'file store',
  server,
  crowd: 6,
  need: async () => must(await person.call('POST', '/documents', form()), 'uploading'),
});

const run = async (context: ProofContext) => {
  const [openai, s3] = [await startFakeOpenAi({ script: [{ text: 'well' }] }), await startFakeS3()];
  const [model, store] = [await startFlakyServer(openai.url), await startFlakyServer(s3.endpoint)];
  const watch = watchCrashes();
  const platform = await startPlatform({
    DATABASE_POOL: '10',
    OPENAI_API_KEY: 'none',
    OPENAI_BASE_URL: `${model.url}/v1`,
    EMBEDDING_MODEL: 'builtin',
    S3_ENDPOINT: store.url,
    S3_ACCESS_KEY: 'prove',
    S3_SECRET_KEY: 'prove-prove',
    BREAKER_OPEN_MS: String(INTERVAL_MS),
  });
  try {
    const world = createWorld(platform);
    const [asker, bystander] = [await world.newcomer(), await world.newcomer()];
    const found = [];
    for (const target of [storeTarget(store, asker), modelTarget(model, asker)])
      found.push(await attack(target, bystander, context));
    const faults = found.flatMap((one) => one.faults);
    const slower = Math.max(...found.map((one) => one.slower));
    // A p99 of two seconds on a shared machine is its neighbours'; the median is the route's own.
    const most = context.short ? 2.5 : 1.5;
    if (slower > most) faults.push(`unrelated routes are ${slower.toFixed(1)} times as slow (median)`);
    faults.push(...watch.crashes.map((crash) => `nobody caught: ${crash}`));
    return countFaults(faults, found.map(({ done }) => done).join('; '));
  } finally {
    watch.stop();
    for (const server of [model, store]) server.become('well');
    await platform.close();
    await Promise.all([model.close(), store.close(), openai.close(), s3.close()]);
  }
};

/** What the platform needs from outside fails, hangs, and half fails. */
export const breaker: Proof = {
  id: 'R16',
  title: 'model and file store down',
  gate: 'of what is down at most 1 call an interval, used again within 10 s of its cure, unrelated routes ≤ 1.5 times their median (short: 2.5), 0 crashes',
  run,
};
