import { monitorEventLoopDelay } from 'node:perf_hooks';
import { watchProcessorWait } from './processor.wait.ts';

/** How long the work of this process waits, measured at even intervals. */
export interface Pressure {
  /** What waits longest, as a share of what is bearable; above 1 less should be let in. */
  onMeasured(told: (pressure: number) => void): void;
  /** Delay of the event loop in the last interval, as half of its turns had it at least; ms. */
  readonly loopDelayMs: number;
  stop(): void;
}

const EVERY_MS = 100;
/** Each look wakes the process: every 5 ms was 200 of the 240 times a second that an idle role woke. */
const RESOLUTION_MS = 20;
/** A wait for a connection to Postgres may be this many times that of the event loop: it costs the others nothing. */
const DATABASE_FACTOR = 10;
/** The processors may be waited for as long as this for each millisecond of work; beyond it the machine is too small. */
const BEARABLE_PROCESSOR_WAIT = 1;

/**
 * @param bearableMs delay of the event loop above which the process has too much to do
 * @param databaseWaitMs the longest wait for a connection to the database since it was last asked; ms
 */
export const watchPressure = (bearableMs: number, databaseWaitMs: () => number = () => 0): Pressure => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const processor = watchProcessorWait();
  const listeners: ((pressure: number) => void)[] = [];
  let loopDelayMs = 0;
  const timer = setInterval(() => {
    // The median: work that piles up delays every turn, a hiccup of the machine one. The histogram counts the interval
    // of its own timer in.
    loopDelayMs = histogram.count > 0 ? Math.max(0, histogram.percentile(50) / 1e6 - RESOLUTION_MS) : 0;
    histogram.reset();
    const pressure = Math.max(
      loopDelayMs / bearableMs,
      databaseWaitMs() / (bearableMs * DATABASE_FACTOR),
      processor.ratio() / BEARABLE_PROCESSOR_WAIT,
    );
    for (const told of listeners) told(pressure);
  }, EVERY_MS);
  timer.unref();
  return {
    onMeasured: (told) => void listeners.push(told),
    get loopDelayMs() {
      return loopDelayMs;
    },
    stop() {
      clearInterval(timer);
      processor.stop();
      histogram.disable();
    },
  };
};
