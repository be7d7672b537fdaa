import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningService } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import type { Person } from '../platform/people.ts';

const GATEWAYS = 3;
const SHARE = 0.02;
const AT_ONCE = 20;

interface Setting {
  readonly limit: number;
  readonly windowSeconds: number;
  /** How long it is pushed. */
  readonly steadyMs: number;
}

/** How many were let in of what was sent to all gateways in turn. */
const letIn = async (
  gateways: readonly RunningService[],
  count: number,
  ask: (url: string, at: number) => Promise<number>,
): Promise<{ passed: number; odd: number[] }> => {
  const statuses: number[] = [];
  for (let at = 0; at < count; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, index) => at + index);
    statuses.push(...(await Promise.all(some.map((number) => ask(gateways[number % GATEWAYS]?.url ?? '', number)))));
  }
  // 503 was let in by the limiter and turned away by somebody else.
  return {
    passed: statuses.filter((status) => status !== 429).length,
    odd: statuses.filter((status) => ![200, 429, 503].includes(status)),
  };
};

const asPerson =
  ({ token }: Person) =>
  async (url: string): Promise<number> =>
    (await send(`${url}/api/v1/conversations?limit=1`, { token })).status;

/** From one address that claims to be many. */
const inDisguise = async (url: string, at: number): Promise<number> => {
  const other = `10.${at % 250}.${(at >> 3) % 250}.7`;
  const headers = { 'x-forwarded-for': `${other}, 10.0.0.${at % 250}`, 'x-real-ip': other, forwarded: `for=${other}` };
  return (await send(`${url}/api/v1/auth/permissions`, { headers })).status;
};

const run = async (context: ProofContext) => {
  const { platform, world, short } = context;
  const [heavy, alone] = [await world.newcomer(), await world.newcomer()];
  const { limit, windowSeconds, steadyMs }: Setting = short
    ? { limit: 200, windowSeconds: 20, steadyMs: 6_000 }
    : { limit: 1_200, windowSeconds: 60, steadyMs: 120_000 };
  const faults: string[] = [];
  const done: string[] = [];
  const gateways: RunningService[] = [];
  const settings = {
    RATE_LIMIT_USER: String(limit),
    RATE_LIMIT_ANONYMOUS: String(limit),
    RATE_LIMIT_WINDOW: String(windowSeconds),
  };
  /** Judges what was let in against the burst and what came back since it began. */
  const judge = (what: string, passed: number, least: number, most: number, odd: readonly number[] = []): void => {
    done.push(`${what}: ${passed} of ${least.toFixed(0)} to ${most.toFixed(0)}`);
    if (passed < least || passed > most) faults.push(`${what}: ${passed} were let in, not ${least} to ${most}`);
    if (odd.length > 0) faults.push(`${what}: answered ${[...new Set(odd)].join(', ')}`);
  };
  try {
    for (let count = 0; count < GATEWAYS; count += 1) gateways.push(await platform.another('gateway', settings));
    const perMs = limit / (windowSeconds * 1_000);
    const block = Math.max(1, Math.floor(limit * 0.01));
    // A burst after a pause: the limit, what came back meanwhile, and no more than lies in blocks less.
    const began = performance.now();
    const burst = await letIn(gateways, Math.ceil(limit * 1.2), asPerson(heavy));
    const meanwhile = (performance.now() - began) * perMs;
    judge('burst', burst.passed, limit - (block - 1) * GATEWAYS, limit + meanwhile + 1, burst.odd);
    // From then on a window's worth in a window, however hard it is pushed.
    await letIn(gateways, 90, asPerson(heavy));
    const steadyFrom = performance.now();
    let steady = 0;
    while (performance.now() - steadyFrom < steadyMs) {
      steady += (await letIn(gateways, 30, asPerson(heavy))).passed;
      await sleep(50);
    }
    const expected = (performance.now() - steadyFrom) * perMs;
    judge('after it, pushed hard', steady, expected * (1 - SHARE) - 1, expected * (1 + SHARE) + 1);
    const disguisedFrom = performance.now();
    const disguised = await letIn(gateways, Math.ceil(limit * 1.2), inDisguise);
    const back = (performance.now() - disguisedFrom) * perMs;
    judge(
      'one address that claims to be others',
      disguised.passed,
      limit * (1 - SHARE),
      limit + back + 1,
      disguised.odd,
    );
    // Without Redis each counts by itself.
    platform.redis.cut();
    const ready = async (): Promise<boolean> =>
      (await Promise.all(gateways.map((gateway) => gateway.ready()))).every(({ checks }) => checks['redis'] === 'down');
    await eventually(ready);
    const cutFrom = performance.now();
    const without = await letIn(gateways, Math.ceil(limit * GATEWAYS * 1.5), asPerson(alone));
    const backAlone = (performance.now() - cutFrom) * perMs * GATEWAYS;
    const most = limit * GATEWAYS;
    judge(
      'without Redis, by each gateway',
      without.passed,
      most * (1 - SHARE),
      most + backAlone + GATEWAYS,
      without.odd,
    );
    return countFaults(faults, `${GATEWAYS} gateways, ${limit} in ${windowSeconds} s; ${done.join('; ')}`);
  } finally {
    platform.redis.mend();
    await Promise.all(gateways.map((gateway) => gateway.close()));
  }
};

/** Limits that several gateways share. */
export const limiter: Proof = {
  id: 'R17',
  title: 'limits of three gateways',
  gate: 'a burst of exactly the limit, ± 2 % in a window after it, 0 by claimed addresses, without Redis each gateway by itself',
  run,
};
