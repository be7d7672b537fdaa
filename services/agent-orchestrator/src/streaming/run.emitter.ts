import type { RunEvent, RunEventBody } from './run.event.ts';
import type { RunStream } from './run.stream.ts';

/** Text waits this long for more, so that a fast model makes few events; the first piece after a pause never waits. */
const GATHER_MS = 20;
const GATHER_PIECES = 16;
const TRY_AGAIN_MS = 250;

/**
 * Numbers what one attempt at a run says and passes it on. It never holds the attempt back: what Redis does not take
 * now is sent with what comes next, and everything stays in `events` for the end of the run.
 * @param first number of the first event
 */
export const createRunEmitter = (options: {
  runId: string;
  first: number;
  stream: Pick<RunStream, 'append'>;
  now?: () => number;
}) => {
  const { runId, first, stream, now = Date.now } = options;
  const events: RunEvent[] = [];
  let sent = 0;
  let text = '';
  let pieces = 0;
  let gatheredAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;

  const add = (body: RunEventBody): void => {
    events.push({ ...body, seq: first + events.length });
  };
  const gather = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (text === '') return;
    add({ type: 'text.delta', data: { text } });
    text = '';
    pieces = 0;
    gatheredAt = now();
  };
  const send = async (): Promise<void> => {
    while (sent < events.length) {
      const until = events.length;
      await stream.append(runId, events.slice(sent, until));
      sent = until;
    }
  };
  const push = (): Promise<void> =>
    (sending ??= send()
      .catch(() => {
        timer ??= setTimeout(() => void push(), TRY_AGAIN_MS).unref();
      })
      .finally(() => {
        sending = undefined;
      }));

  return {
    /** Every event so far, with the text that still waits. */
    events(): readonly RunEvent[] {
      gather();
      return events;
    },
    emit(body: RunEventBody): void {
      gather();
      add(body);
      void push();
    },
    text(piece: string): void {
      text += piece;
      pieces += 1;
      if (pieces >= GATHER_PIECES || now() - gatheredAt >= GATHER_MS) {
        gather();
        void push();
      } else {
        timer ??= setTimeout(() => {
          gather();
          void push();
        }, GATHER_MS).unref();
      }
    },
    /** Numbers the last events without sending them: nobody may hear of an end that is not committed. */
    prepare(bodies: readonly RunEventBody[]): RunEvent[] {
      gather();
      return bodies.map((body, at) => ({ ...body, seq: first + events.length + at }));
    },
    /** Sends what is left; waits for Redis, but not for its return. */
    async close(last: readonly RunEvent[] = []): Promise<void> {
      gather();
      events.push(...last);
      await push();
      if (sent < events.length) await push();
      clearTimeout(timer);
    },
  };
};
export type RunEmitter = ReturnType<typeof createRunEmitter>;
