import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.ts';

/** What a piece of work came to: done, or refused or failed with a few words why. */
export type Outcome = 'done' | (string & {});

/** What a run of work saw. */
export interface Worked {
  readonly done: number;
  readonly perSecond: number;
  /** How often each reason was given by what was not done. */
  readonly others: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const createTally = () => {
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  return {
    async time(work: () => Promise<Outcome>, started = performance.now()): Promise<void> {
      const outcome = await work().catch((error: unknown) => String(error));
      if (outcome === 'done') latencies.push(performance.now() - started);
      else others[outcome] = (others[outcome] ?? 0) + 1;
    },
    worked: (ms: number): Worked => ({
      done: latencies.length,
      perSecond: (latencies.length * 1_000) / ms,
      others,
      p50Ms: latencies.length > 0 ? quantile(latencies, 0.5) : Number.NaN,
      p99Ms: latencies.length > 0 ? quantile(latencies, 0.99) : Number.NaN,
    }),
  };
};

/** Closed loop: each worker begins its next piece when its last one is done. @param work given the worker's number */
export const runClosed = async (
  { workers, seconds }: { workers: number; seconds: number },
  work: (worker: number) => Promise<Outcome>,
): Promise<Worked> => {
  const tally = createTally();
  const started = performance.now();
  const end = started + seconds * 1_000;
  const one = async (worker: number): Promise<void> => {
    while (performance.now() < end) await tally.time(() => work(worker));
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => one(worker)));
  return tally.worked(performance.now() - started);
};

/**
 * Open loop: pieces begin at a steady rate, whether or not the ones before are done, and are timed from when they were
 * due, so that a generator that is late hides nothing.
 * @param work given its number
 */
export const runOpen = async (
  { perSecond, seconds }: { perSecond: number; seconds: number },
  work: (number: number) => Promise<Outcome>,
): Promise<Worked> => {
  const tally = createTally();
  const started = performance.now();
  const all: Promise<void>[] = [];
  const count = Math.round(perSecond * seconds);
  for (let number = 0; number < count; number += 1) {
    const due = started + (number * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    all.push(tally.time(() => work(number), Math.min(due, performance.now())));
  }
  await Promise.all(all);
  return tally.worked(performance.now() - started);
};

/** Why a run does not count: something was not done. */
export const faultIn = ({ others }: Worked): string | undefined => {
  const [first] = Object.entries(others);
  return first && `${first[1]} times: ${first[0].slice(0, 200)}`;
};
