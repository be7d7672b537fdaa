import { follows, isTerminal, type RunEvent } from './run.event.ts';
import type { RunSignals } from './run.signals.ts';
import type { RunStream } from './run.stream.ts';

/** How long a reader sleeps when nobody wakes it. */
const POLL_MS = 1_000;
/** Without news for this long a reader asks Postgres whether the run ended without its hearing of it. */
const ASK_MS = 2_000;

/** Waits for `wake`, for the time, or for the end of the reader. */
const createAlarm = (signal: AbortSignal) => {
  let rung = false;
  let awaken: (() => void) | undefined;
  const ring = (): void => {
    rung = true;
    awaken?.();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(ms: number): Promise<void> {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          awaken = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      awaken = undefined;
    },
    stop: () => signal.removeEventListener('abort', ring),
  };
};

/**
 * Follows a run from a number on, without gaps: events come from Redis while it runs and from Postgres once it ended.
 * When Redis lost some, the rest waits for the end of the run. Ends after the terminal event, or when aborted.
 * @param ended the stored events of a run that ended; undefined while it has not
 */
export async function* readRun(options: {
  runId: string;
  after: number;
  ended: () => Promise<readonly RunEvent[] | undefined>;
  stream: Pick<RunStream, 'read'>;
  signals: Pick<RunSignals, 'listen'>;
  signal: AbortSignal;
}): AsyncGenerator<RunEvent> {
  const { runId, ended, stream, signals, signal } = options;
  let after = options.after;
  let seen = after;
  let askedAt = -Infinity;
  const alarm = createAlarm(signal);
  const listening = signals.listen(runId, (heard) => heard === 'events' && alarm.ring());
  try {
    while (!signal.aborted) {
      if (Date.now() - askedAt >= ASK_MS) {
        askedAt = Date.now();
        const stored = await ended();
        if (stored) {
          yield* stored.filter(({ seq }) => seq > after);
          return;
        }
      }
      const news = await stream.read(runId, seen).catch((): RunEvent[] => []);
      for (const event of news) {
        seen = event.seq;
        if (!follows(after, event.seq)) continue;
        after = event.seq;
        askedAt = Date.now();
        yield event;
        if (isTerminal(event)) return;
      }
      if (news.length === 0) await alarm.wait(POLL_MS);
    }
  } finally {
    listening.close();
    alarm.stop();
  }
}
