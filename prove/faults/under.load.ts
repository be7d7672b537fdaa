import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openClientLog } from './client.log.ts';
import { watchCrashes } from './crash.watch.ts';
import { judgeWrites, type WriteOutcome } from './judge.ts';
import { settle } from './keyed.client.ts';
import { createWorkload, type Scene } from './workload.ts';

/** What was seen while something failed. */
export interface UnderLoad {
  readonly faults: string[];
  readonly writes: number;
  /** Tries that nobody answered, or answered with 5xx, 409 or 429. */
  readonly unknown: number;
  readonly tries: number;
  /** Longest time from the first try of a write to its answer; ms. */
  readonly slowestMs: number;
}

/**
 * Writes with idempotency keys until `harm` is over, and some more; then compares what clients were told with what is there.
 * @param harm what is done to the platform meanwhile
 */
export const underLoad = async (
  context: Scene,
  harm: () => Promise<void>,
  { clients = 8, pauseMs = 20 }: { clients?: number; pauseMs?: number } = {},
): Promise<UnderLoad> => {
  const { random } = context;
  const workload = await createWorkload(context, 6);
  const folder = mkdtempSync(path.join(tmpdir(), 'atrium-clients-'));
  const log = openClientLog(path.join(folder, 'clients.log'));
  const watch = watchCrashes();
  const outcomes: WriteOutcome[] = [];
  let [tries, unknown, slowestMs, going] = [0, 0, 0, true];
  const client = async (): Promise<void> => {
    while (going) {
      const write = workload.write();
      const began = performance.now();
      const settled = await settle(write, { log, random, withinMs: 30_000 });
      slowestMs = Math.max(slowestMs, performance.now() - began);
      tries += settled.tries;
      unknown += settled.unknown;
      outcomes.push({ write, answer: settled.answer });
      await sleep(pauseMs);
    }
  };
  try {
    const load = Promise.all(Array.from({ length: clients }, client));
    await sleep(300);
    try {
      await harm();
      await sleep(500);
    } finally {
      going = false;
      await load;
    }
    const faults = await judgeWrites(workload, outcomes, log);
    faults.push(...watch.crashes.map((crash) => `nobody caught: ${crash}`));
    return { faults, writes: outcomes.length, unknown, tries, slowestMs: Math.round(slowestMs) };
  } finally {
    watch.stop();
    log.close();
    rmSync(folder, { recursive: true, force: true });
  }
};
