import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Finding, type OwnContext, type OwnProof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import { divideCores, type Cores } from '../processes/cores.ts';
import { onProcesses } from '../processes/scene.ts';
import type { LoadRequest } from './load/load.plan.ts';
import { readLoad, startLoad, type LoadReading } from './load/load.ts';

const TIMES = [1, 2, 3, 5];
const CLIENTS = 24;
const PEOPLE = 3;

/** Times of a short form on a machine that others use say little, so it allows for more; counts are the same. */
const GATES = {
  long: { goodput: 0.9, slower: 2, refusalMs: 20 },
  short: { goodput: 0.25, slower: 15, refusalMs: 3_000 },
};
const RECOVERY_MS = 5_000;

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

/** When, after the load fell, the first half second began in which all was well and none of the following was not. */
const recovery = (after: LoadReading, bearableMs: number): number => {
  const bad = after.rows.filter(({ status, took }) => status < 200 || status >= 300 || took > bearableMs);
  // A single slow or refused one of a hundred is what a machine does.
  const slots = Map.groupBy(after.rows, ({ at }) => Math.floor(at / 500));
  const badSlots = [...Map.groupBy(bad, ({ at }) => Math.floor(at / 500))]
    .filter(([slot, some]) => some.length > (slots.get(slot)?.length ?? 0) * 0.02)
    .map(([slot]) => slot);
  return badSlots.length === 0 ? 0 : (Math.max(...badSlots) + 1) * 500;
};

const told = (times: number, { goodput, good, shed, sent, lateMs }: LoadReading, seconds: number): string =>
  `${times}× (${Math.round(sent / seconds)}/s): ${Math.round(goodput)}/s, p99 ${Math.round(good.p99)} ms, ${shed.count} refused, p99 ${Math.round(shed.p99)} ms, generator late ${Math.round(lateMs)} ms`;

const loadPlatform = (context: OwnContext, cores: Cores): Promise<Finding> =>
  onProcesses(context, {}, async ({ platform, world }) => {
    cores.forGenerator();
    const { seed, short } = context;
    const tokens: string[] = [];
    while (tokens.length < PEOPLE) tokens.push((await world.newcomer()).token);
    const requests = requestsTo(platform.gateway);
    const [seconds, closedFor] = short ? [2.5, 2.5] : [60, 20];
    const gates = GATES[short ? 'short' : 'long'];
    const load = startLoad();
    try {
      await load.run({ clients: CLIENTS, seconds: short ? 2 : 10, requests, tokens, seed });
      const closed = readLoad(
        await load.run({ clients: CLIENTS, seconds: closedFor, requests, tokens, seed }),
        closedFor,
      );
      const ceiling = closed.goodput;
      const trouble = [...closed.other, ...(closed.shed.count > 0 ? [`${closed.shed.count} refused`] : [])].join(', ');
      if (ceiling < 10)
        throw new Error(`the ceiling cannot be measured: ${ceiling.toFixed(1)} good answers a second, ${trouble}`);
      context.say(`ceiling ${Math.round(ceiling)}/s`);
      const stopProbes = probeHealth(Object.values(platform.urls));
      const seen: [number, LoadReading][] = [];
      for (const times of TIMES) {
        const plan = { perSecond: ceiling * times, seconds, requests, tokens, seed: seed + times };
        const reading = readLoad(await load.run(plan), seconds);
        seen.push([times, reading]);
        context.say(told(times, reading, seconds));
      }
      const calm = readLoad(await load.run({ perSecond: ceiling * 0.3, seconds: 5, requests, tokens, seed }), 5);
      const faults = await stopProbes();
      const peak = Math.max(...seen.map(([, { goodput }]) => goodput));
      const at3 = seen.find(([times]) => times === 3)?.[1] ?? closed;
      const share = at3.goodput / peak;
      const slower = at3.good.p99 / closed.good.p99;
      if (share < gates.goodput) faults.push(`goodput at 3× is ${share.toFixed(2)} of the peak`);
      if (slower > gates.slower)
        faults.push(`p99 of what is let in at 3× is ${slower.toFixed(1)} times that at the ceiling`);
      for (const [times, { other, untold, shed }] of seen) {
        if (other.length > 0) faults.push(`at ${times}×: ${other.join(', ')}`);
        if (untold > 0) faults.push(`at ${times}×: ${untold} refusals do not say when to come again`);
        if (times === 3 && shed.p99 > gates.refusalMs)
          faults.push(`refusals at 3× take ${shed.p99.toFixed(0)} ms (p99)`);
      }
      const recovered = recovery(calm, Math.max(250, closed.good.p99 * 2));
      if (recovered > RECOVERY_MS) faults.push(`not well again within ${RECOVERY_MS} ms`);
      faults.push(...platform.ended());
      const lines = seen.map(([times, reading]) => told(times, reading, seconds)).join('; ');
      return countFaults(
        faults,
        `ceiling ${Math.round(ceiling)}/s with ${CLIENTS} clients, p99 ${Math.round(closed.good.p99)} ms; ${lines}; at 3× ${share.toFixed(2)} of the peak and ${slower.toFixed(1)} times the ceiling's p99; well again ${recovered} ms after; ${cores.note}`,
      );
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
  gate: 'goodput at 3× ≥ 0.9 of the peak, p99 of what is let in ≤ 2× that at the ceiling, refusals 429/503 with Retry-After in p99 ≤ 20 ms, well again within 5 s, 0 crashes (short: 0.25, 15×, 3 s)',
  run,
};
