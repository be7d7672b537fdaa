import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOpen, type Worked } from '../../harness/load.ts';
import { cpuMsOf } from '../../harness/process.tree.ts';
import type { Sample } from '../../harness/rounds.ts';
import { median } from '../../harness/statistics.ts';
import { Pool } from 'undici';
import type { Bank } from './bank.ts';

/** A run at a steady rate. */
export interface Paced extends Worked {
  /** Of one core, that the generator took. */
  readonly generatorShare: number;
  /** Of the stretch that was slowest; the other times are the median of the stretches. */
  readonly worstP99Ms: number;
}

/** One run through the HTTP API: every answer 2xx, every charge booked once, and the books at zero after it. */
export const measureOurs = async (bank: Bank, seconds: number): Promise<Sample> => {
  await bank.settle();
  const before = await bank.count();
  const [cpu, postgres] = [cpuMsOf([bank.pid]), cpuMsOf([bank.postgresPid])];
  const load = await bank.load(seconds);
  await sleep(300);
  const cpuMs = cpuMsOf([bank.pid]) - cpu;
  const postgresMs = cpuMsOf([bank.postgresPid]) - postgres;
  const after = await bank.count();
  const booked = after.entries - before.entries;
  const missing = load.requests - booked;
  const fault =
    load.failures > 0
      ? `${load.failures} of ${load.requests} requests failed`
      : // Requests under way when the time is up are booked and not counted: at most one a connection.
        missing > 0 || missing < -32
        ? `${load.requests} answers, but ${booked} charges were booked`
        : after.total !== 0
          ? `the postings sum to ${after.total}`
          : after.keys !== after.entries
            ? `${after.keys} keys were kept for ${after.entries} charges`
            : undefined;
  return {
    figure: load.perSecond,
    cpuMsPerItem: cpuMs / load.requests,
    ...(fault === undefined ? {} : { fault }),
    further: { p50Ms: load.p50Ms, p99Ms: load.p99Ms, postgresMs: postgresMs / load.requests },
  };
};

/** One run of a bare function. @param each transfers a transaction */
export const measureBare = async (
  bank: Bank,
  script: 'spread' | 'hot' | 'batched',
  { clients, seconds, each }: { clients: number; seconds: number; each: number },
): Promise<Sample> => {
  await bank.settle();
  const postgres = cpuMsOf([bank.postgresPid]);
  const { perSecond, failed } = await bank.pgbench(bank.files[script], clients, seconds);
  const postgresMs = (cpuMsOf([bank.postgresPid]) - postgres) / (perSecond * seconds * each);
  const { total } = await bank.count();
  const fault = failed > 0 ? `${failed} failed` : total !== 0 ? `the postings sum to ${total}` : undefined;
  return {
    figure: perSecond * each,
    cpuMsPerItem: 0,
    ...(fault === undefined ? {} : { fault }),
    further: { postgresMs },
  };
};

/**
 * Until the generator's code is compiled its requests come late and in bunches: 3 % of those of its third to tenth second
 * took more than 40 ms, of later ones hardly any.
 */
const WARM_SECONDS = 8;

/** Postgres tidies up now and then and is slow for a moment: one stretch may have such a moment, and most have none. */
const STRETCHES = 3;

/** Charges at a steady rate, whether or not it keeps up, and what its generator cost of a core. */
export const measurePace = async (bank: Bank, perSecond: number, seconds: number): Promise<Paced> => {
  const { origin, pathname } = new URL(bank.address);
  await bank.settle();
  // The lightest client there is for Node: it shares its core with Postgres.
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  const charge = (number: number): Promise<string> => {
    const key = randomUUID();
    return new Promise((resolve, reject) => {
      let status = 0;
      pool.dispatch(
        {
          method: 'POST',
          path: pathname,
          headers: {
            authorization: `Bearer ${bank.tokens[number % bank.tokens.length]}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: JSON.stringify({ reference: key, amount: 1, description: 'bench' }),
        },
        {
          // It asks for all of them to be there.
          onRequestStart: () => undefined,
          onResponseData: () => undefined,
          onResponseStart: (_controller, code) => void (status = code),
          onResponseEnd: () => resolve(status === 201 ? 'done' : `HTTP ${status}`),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  };
  try {
    await runOpen({ perSecond, seconds: WARM_SECONDS }, charge);
    const before = process.cpuUsage();
    const stretches: Worked[] = [];
    for (let count = 0; count < STRETCHES; count += 1) stretches.push(await runOpen({ perSecond, seconds }, charge));
    const { user, system } = process.cpuUsage(before);
    return {
      done: stretches.reduce((sum, { done }) => sum + done, 0),
      perSecond: median(stretches.map((one) => one.perSecond)),
      others: Object.assign({}, ...stretches.map(({ others }) => others)) as Worked['others'],
      p50Ms: median(stretches.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(stretches.map(({ p99Ms }) => p99Ms)),
      worstP99Ms: Math.max(...stretches.map(({ p99Ms }) => p99Ms)),
      generatorShare: (user + system) / 1e6 / (seconds * STRETCHES),
    };
  } finally {
    await pool.destroy();
  }
};
