import { closeSync, openSync, readSync } from 'node:fs';

/** How long the main thread stood ready while other work had the processors. */
export interface ProcessorWait {
  /** Since it was last asked: the time it waited for each millisecond that it ran; 0 where the system does not tell. */
  ratio(): number;
  stop(): void;
}

/** Less work than this in an interval says nothing; ns. */
const ENOUGH_NS = 4e6;

/**
 * Reads what the scheduler of Linux counts for this process' main thread: nanoseconds run, nanoseconds ready to run.
 * The delay of the event loop shows the work of this process; this shows what it shares the machine with, so a role
 * that does little knows of a machine that has too much to do.
 * @see https://docs.kernel.org/scheduler/sched-stats.html "/proc/<pid>/schedstat"
 */
export const watchProcessorWait = (file = '/proc/self/schedstat'): ProcessorWait => {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
  } catch {
    // Another system, or a kernel built without it.
  }
  const text = Buffer.alloc(128);
  const read = (): [number, number] => {
    if (handle === undefined) return [0, 0];
    const [ran, waited] = text
      .toString('latin1', 0, readSync(handle, text, 0, text.length, 0))
      .split(' ')
      .map(Number);
    return [ran ?? 0, waited ?? 0];
  };
  let [ran, waited] = read();
  return {
    ratio() {
      const [ranNow, waitedNow] = read();
      const [run, wait] = [ranNow - ran, waitedNow - waited];
      [ran, waited] = [ranNow, waitedNow];
      return run + wait < ENOUGH_NS ? 0 : wait / Math.max(run, 1);
    },
    stop() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
};
