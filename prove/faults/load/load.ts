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

const rowsOf = ({ status, kind, at, took, answered, told }: LoadResult) =>
  Array.from(status, (code, row) => ({
    status: code,
    kind: kind[row] ?? 0,
    at: at[row] ?? 0,
    took: took[row] ?? 0,
    answered: answered[row] ?? 0,
    told: told[row] === 1,
  }));

/**
 * A load in figures. Times are ms.
 * @param results of one load, or of as many as it was divided into
 * @param seconds that each of them took
 */
export const readLoad = (results: LoadResult | readonly LoadResult[], seconds: number) => {
  const parts = [results].flat();
  const rows = parts.flatMap(rowsOf);
  const good = rows.filter(({ status }) => isGood(status));
  const shed = rows.filter(({ status }) => isShed(status));
  const other = rows.filter(({ status }) => !isGood(status) && !isShed(status));
  const inTime = good.filter(({ at, took }) => at + took <= seconds * 1_000);
  return {
    sent: rows.length,
    tries: parts.reduce((sum, { tries }) => sum + tries, 0),
    lateMs: Math.max(...parts.map(({ lateMs }) => lateMs)),
    /** Good answers that came within the time of the load, a second. */
    goodput: inTime.length / (seconds * parts.length),
    /** The same of one of the plan's requests. */
    goodputOf: (kind: number) => inTime.filter((row) => row.kind === kind).length / (seconds * parts.length),
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
