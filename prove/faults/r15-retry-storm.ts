import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import type { Person } from '../platform/people.ts';
import { watchCrashes } from './crash.watch.ts';
import type { LoadPlan } from './load/load.plan.ts';
import { readLoad, startLoad } from './load/load.ts';

const SCHEMAS = ['agent', 'billing', 'calendar'];
const LATENCY_MS = 500;
/** So few that the slow database could do all of it once, and not four times. */
const PER_SECOND = 6;
const PEOPLE = 10;
const MOST = 1.2;
const CURED_MS = 10_000;

/** Counts what reaches Postgres on the lines of some schemas. */
const countStatements = ({ platform }: ProofContext) => {
  let count = 0;
  for (const schema of SCHEMAS) platform.postgres[schema]?.judge(() => ((count += 1), 'pass'));
  return {
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    stop: () => SCHEMAS.forEach((schema) => platform.postgres[schema]?.judge(undefined)),
  };
};

/** What the relays and sweepers send by themselves, a second. */
const background = async (statements: ReturnType<typeof countStatements>): Promise<number> => {
  statements.take();
  await sleep(2_000);
  return statements.take() / 2;
};

const run = async (context: ProofContext) => {
  const { platform, world, seed, short } = context;
  const people: Person[] = [];
  for (let count = 0; count < PEOPLE; count += 1) people.push(await world.newcomer());
  const api = `${platform.gateway}/api/v1`;
  const seconds = short ? 12 : 60;
  const plan: Omit<LoadPlan, 'seconds' | 'seed'> = {
    perSecond: PER_SECOND,
    requests: [
      { method: 'GET', url: `${api}/conversations`, share: 1 },
      { method: 'GET', url: `${api}/billing/accounts`, share: 1 },
      { method: 'POST', url: `${api}/conversations`, body: '{"title":"storm {n}"}', share: 1 },
      {
        method: 'GET',
        url: `${api}/calendar/events?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z`,
        share: 1,
      },
    ],
    tokens: people.map(({ token }) => token),
    retries: 3,
    patienceMs: 1_000,
  };
  const load = startLoad();
  const watch = watchCrashes();
  const statements = countStatements(context);
  try {
    await load.run({ ...plan, seconds: 1, seed });
    const own = await background(statements);
    const calm = readLoad(await load.run({ ...plan, seconds: 4, seed: seed + 1 }), 4);
    const usual = (statements.take() - own * 4) / calm.sent;
    for (const schema of SCHEMAS) platform.postgres[schema]?.fault({ latencyMs: LATENCY_MS });
    const storm = readLoad(await load.run({ ...plan, seconds, seed: seed + 2 }), seconds);
    // What was begun is still being worked on.
    await sleep(3_000);
    // The relays' own are counted in: slow as all is, they are fewer than usual, and unknown.
    const inStorm = statements.take() / storm.sent;
    for (const schema of SCHEMAS) platform.postgres[schema]?.mend();
    const after = short ? 5 : 10;
    const cured = readLoad(await load.run({ ...plan, seconds: after, seed: seed + 3 }), after);
    const badAt = cured.rows
      .filter(({ status, took }) => status >= 300 || status === 0 || took > 1_000)
      .map(({ at }) => at);
    const normalAfter = badAt.length === 0 ? 0 : Math.max(...badAt);
    const amplification = inStorm / usual;
    const faults = watch.crashes.map((crash) => `nobody caught: ${crash}`);
    if (calm.good.count < calm.sent)
      faults.push(`without any fault: ${calm.shed.count} refused, ${calm.other.join(', ')}`);
    if (amplification > MOST) faults.push(`${amplification.toFixed(2)} times the usual statements for each request`);
    if (normalAfter > Math.min(CURED_MS, after * 1_000) * 0.9) faults.push(`not normal ${after} s after the cure`);
    return countFaults(
      faults,
      `${usual.toFixed(1)} statements a request; with ${LATENCY_MS} ms on each, ${storm.sent} requests in ${storm.tries} tries, ${storm.good.count} good, ${storm.shed.count} refused, ${storm.other.join(', ') || 'none unanswered'}: ${inStorm.toFixed(1)} statements a request, ${amplification.toFixed(2)} times as many; normal ${Math.round(normalAfter)} ms after the cure`,
    );
  } finally {
    for (const schema of SCHEMAS) platform.postgres[schema]?.mend();
    statements.stop();
    watch.stop();
    await load.close();
  }
};

/** The database is slow, and everybody asks again at once. */
export const retryStorm: Proof = {
  id: 'R15',
  title: 'retry storm',
  gate: `statements a request ≤ ${MOST} times the usual while all clients try four times without a pause, normal within 10 s of the cure`,
  run,
};
