import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Finding, type OwnContext, type OwnProof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import { divideCores, type Cores } from '../processes/cores.ts';
import { onProcesses } from '../processes/scene.ts';
import type { LoadRequest, LoadResult } from './load/load.plan.ts';
import { readLoad, startLoad, type LoadReading } from './load/load.ts';
import { ceilingOf, letIn, recoveryOf, workOf } from './load/work.ts';

const TIMES = [1, 2, 3, 5];
const CLIENTS = 24;
const PEOPLE = 3;

/** Times of a short form on a machine that others use say little, so it allows for more; counts are the same. */
const GATES = {
  long: { goodput: 0.9, work: 0.8, slower: 2, refusalMs: 20 },
  short: { goodput: 0.25, work: 0.25, slower: 15, refusalMs: 3_000 },
};
const TIMINGS = {
  long: { rounds: 4, seconds: 15, closedSeconds: 5 },
  short: { rounds: 1, seconds: 2.5, closedSeconds: 1 },
};
const RECOVERY_MS = 5_000;
const CALM_SECONDS = 5;

const requestsTo = (gateway: string): LoadRequest[] => [
  { method: 'GET', url: `${gateway}/api/v1/conversations`, share: 4 },
  { method: 'GET', url: `${gateway}/api/v1/billing/balance`, share: 3 },
  {
    method: 'GET',
    url: `${gateway}/api/v1/calendar/events?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z`,
    share: 2,
  },
  { method: 'POST', url: `${gateway}/api/v1/conversations`, body: '{"title":"load {n}"}', share: 1 },
];

/** Asks for health all the while. @returns what was not answered 200 */
const probeHealth = (urls: readonly string[]) => {
  const refused: string[] = [];
  let going = true;
  const done = (async () => {
    while (going) {
      for (const url of urls) {
        const { status } = await send(`${url}/health/live`);
        if (status !== 200) refused.push(`${url} was asked for its health and answered ${status}`);
      }
      await sleep(100);
    }
  })();
  return async () => {
    going = false;
    await done;
    return refused;
  };
};

/** What was seen under a load of so many times the ceiling. */
interface Seen {
  readonly times: number;
  readonly reading: LoadReading;
  readonly work: number;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const told = ({ times, reading, work }: Seen, requests: readonly LoadRequest[], seconds: number): string => {
  const { goodput, good, shed, sent, lateMs } = reading;
  const { reads, changes } = letIn(reading, requests);
  return `${times}× (${Math.round(sent / seconds)}/s): work ${work.toFixed(2)}, ${Math.round(goodput)} good/s (${percent(reads)} of what reads, ${percent(changes)} of what changes), p99 ${Math.round(good.p99)} ms, ${shed.count} refused, p99 ${Math.round(shed.p99)} ms, generator late ${Math.round(lateMs)} ms`;
};

/** What was measured, from one client's pace to five times what can be done. */
interface Measured {
  readonly ceiling: LoadReading;
  readonly atCeiling: number;
  readonly all: readonly Seen[];
  readonly after: LoadReading;
}

const judge = ({ ceiling, atCeiling, all, after }: Measured, requests: readonly LoadRequest[], short: boolean) => {
  const gates = GATES[short ? 'short' : 'long'];
  const faults: string[] = [];
  const peak = Math.max(atCeiling, ...all.map(({ work }) => work));
  const figures: string[] = [];
  for (const { times, reading, work } of all) {
    const { other, untold, shed, good } = reading;
    if (other.length > 0) faults.push(`at ${times}×: ${other.join(', ')}`);
    if (untold > 0) faults.push(`at ${times}×: ${untold} refusals do not say when to come again`);
    const { reads, changes } = letIn(reading, requests);
    if (changes < reads) faults.push(`at ${times}×: what reads was let in before what changes something`);
    if (times !== 3) continue;
    const [share, slower] = [work / peak, good.p99 / ceiling.good.p99];
    figures.push(`at 3× ${share.toFixed(2)} of the peak's work and ${slower.toFixed(1)} times the ceiling's p99`);
    if (share < gates.work) faults.push(`the work at 3× is ${share.toFixed(2)} of the peak's`);
    if (slower > gates.slower)
      faults.push(`p99 of what is let in at 3× is ${slower.toFixed(1)} times that at the ceiling`);
    if (shed.p99 > gates.refusalMs) faults.push(`refusals at 3× take ${shed.p99.toFixed(0)} ms (p99)`);
  }
  const recovered = recoveryOf(after, Math.max(250, ceiling.good.p99 * 2));
  figures.push(`well again ${recovered} ms after`);
  if (recovered > RECOVERY_MS) faults.push(`not well again within ${RECOVERY_MS} ms`);
  return { faults, figures };
};

const loadPlatform = (context: OwnContext, cores: Cores): Promise<Finding> =>
  onProcesses(context, {}, async ({ platform, world }) => {
    cores.forGenerator();
    const { seed, short } = context;
    const tokens: string[] = [];
    while (tokens.length < PEOPLE) tokens.push((await world.newcomer()).token);
    const requests = requestsTo(platform.gateway);
    const { rounds, seconds, closedSeconds } = TIMINGS[short ? 'short' : 'long'];
    const load = startLoad();
    try {
      let runs = 0;
      // A seed of its own for each: keys that come again would be answered from what is kept.
      const own = () => ({ tokens, seed: seed + 100 * (runs += 1) });
      const upTo = (of: readonly LoadRequest[]): Promise<number> =>
        ceilingOf(load, { ...own(), clients: CLIENTS, requests: of, seconds: closedSeconds * 2 });
      await upTo(requests);
      const kinds: number[] = [];
      for (const one of requests) kinds.push(await upTo([one]));
      const rate = await upTo(requests);
      const reads = requests.filter(({ method }) => method === 'GET');
      const readRate = await upTo(reads);
      const begin = `ceiling ${Math.round(rate)}/s with ${CLIENTS} clients (${kinds.map(Math.round).join(', ')}/s of each kind alone)`;
      context.say(begin);
      const stopProbes = probeHealth(Object.values(platform.urls));
      // The machine is faster at some times than at others, so what is compared is done in turns.
      const atCeiling: LoadResult[] = [];
      const [readsClosed, readsOver]: [LoadResult[], LoadResult[]] = [[], []];
      const atTimes = TIMES.map((times) => ({ times, results: [] as LoadResult[] }));
      for (let round = 1; round <= rounds; round += 1) {
        atCeiling.push(await load.run({ ...own(), clients: CLIENTS, requests, seconds: closedSeconds }));
        for (const { times, results } of atTimes)
          results.push(await load.run({ ...own(), perSecond: rate * times, requests, seconds }));
        readsClosed.push(await load.run({ ...own(), clients: CLIENTS, requests: reads, seconds: closedSeconds }));
        readsOver.push(await load.run({ ...own(), perSecond: readRate * 3, requests: reads, seconds }));
        context.say(`round ${round} of ${rounds}`);
      }
      const after = readLoad(
        await load.run({ ...own(), perSecond: rate * 0.3, requests, seconds: CALM_SECONDS }),
        CALM_SECONDS,
      );
      const ceiling = readLoad(atCeiling, closedSeconds);
      const measured: Measured = {
        ...{ ceiling, atCeiling: workOf(ceiling, kinds), after },
        all: atTimes.map(({ times, results }): Seen => {
          const reading = readLoad(results, seconds);
          return { times, reading, work: workOf(reading, kinds) };
        }),
      };
      const { faults, figures } = judge(measured, requests, short);
      // Where all are of one priority and cost about the same, the number of answers says what was kept.
      const [readable, over] = [readLoad(readsClosed, closedSeconds), readLoad(readsOver, seconds)];
      const kept = over.goodput / Math.max(readable.goodput, over.goodput);
      figures.push(
        `what reads alone: ${Math.round(readable.goodput)}/s with ${CLIENTS} clients, ${Math.round(over.goodput)}/s at 3× (${kept.toFixed(2)})`,
      );
      if (kept < GATES[short ? 'short' : 'long'].goodput)
        faults.push(`of what reads alone ${kept.toFixed(2)} of the peak's answers are left at 3×`);
      faults.push(...(await stopProbes()), ...platform.ended());
      const lines = measured.all.map((seen) => told(seen, requests, seconds * rounds));
      const turns = `in turns with it work ${measured.atCeiling.toFixed(2)}, p99 ${Math.round(ceiling.good.p99)} ms`;
      return countFaults(faults, [begin, turns, ...lines, ...figures, cores.note].join('; '));
    } finally {
      await load.close();
    }
  });

const run: OwnProof['run'] = async (context) => {
  const cores = divideCores();
  try {
    cores.forPlatform();
    return await loadPlatform(context, cores);
  } finally {
    cores.share();
  }
};

/** More is asked for than can be done. */
export const overload: OwnProof = {
  id: 'R14',
  alone: true,
  title: 'overload',
  gate: 'goodput at 3× ≥ 0.9 of the peak where all are of one priority, ≥ 0.8 by cost in a mixture, what changes something let in before what reads, p99 of what is let in ≤ 2× that at the ceiling, refusals 429/503 with Retry-After in p99 ≤ 20 ms, well again within 5 s, 0 crashes (short: 0.25, 15×, 3 s)',
  run,
};
