import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LoadPlan, LoadResult } from './load.plan.ts';

/** Sends loads from a thread of its own, so that the platform's thread has only the platform's work. */
export interface Load {
  run(plan: LoadPlan): Promise<LoadResult>;
  close(): Promise<void>;
}

export const startLoad = (): Load => {
  const worker = new Worker(new URL('./load.child.ts', import.meta.url), {
    // Its own pauses would be taken for those of the platform.
    resourceLimits: { maxYoungGenerationSizeMb: 24 },
  });
  return {
    async run(plan) {
      worker.postMessage(plan);
      const [{ result, failure }] = (await once(worker, 'message')) as [{ result?: LoadResult; failure?: string }];
      if (!result) throw new Error(`the load could not be sent: ${failure}`);
      return result;
    },
    close: async () => void (await worker.terminate()),
  };
};

/** Numbers of some of the requests of a load. */
export interface Part {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** @param times any order; emptied parts have 0 for times */
export const partOf = (times: readonly number[]): Part => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
};

const isGood = (status: number): boolean => status >= 200 && status < 300;
const isShed = (status: number): boolean => status === 429 || status === 503;

/** A load in figures. Times are ms. */
export const readLoad = (result: LoadResult, seconds: number) => {
  const rows = Array.from(result.status, (status, at) => ({
    status,
    kind: result.kind[at] ?? 0,
    at: result.at[at] ?? 0,
    took: result.took[at] ?? 0,
    answered: result.answered[at] ?? 0,
    told: result.told[at] === 1,
  }));
  const good = rows.filter(({ status }) => isGood(status));
  const shed = rows.filter(({ status }) => isShed(status));
  const other = rows.filter(({ status }) => !isGood(status) && !isShed(status));
  const inTime = good.filter(({ at, took }) => at + took <= seconds * 1_000);
  return {
    sent: rows.length,
    tries: result.tries,
    lateMs: result.lateMs,
    /** Good answers that came within the time of the load, a second. */
    goodput: inTime.length / seconds,
    /** The same of one of the plan's requests. */
    goodputOf: (kind: number) => inTime.filter((row) => row.kind === kind).length / seconds,
    good: partOf(good.map(({ took }) => took)),
    shed: partOf(shed.map(({ answered }) => answered)),
    /** Refusals that did not say when to come again. */
    untold: shed.filter(({ told }) => !told).length,
    /** Answers that are neither good nor a refusal for now, by status. */
    other: Object.entries(Object.groupBy(other, ({ status }) => String(status))).map(
      ([status, some = []]) => `${some.length} × ${status === '0' ? 'no answer' : status}`,
    ),
    rows,
  };
};
export type LoadReading = ReturnType<typeof readLoad>;
