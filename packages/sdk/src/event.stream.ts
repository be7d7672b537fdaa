import { AtriumError, networkError } from './atrium.error.ts';
import type { Atrium } from './client.ts';
import type { StreamPath } from './operation.types.ts';
import { pause, pauseBefore, type RetryRules } from './retry.ts';
import { createSseParser } from './sse.parser.ts';

/** One event of a stream, with its data read. */
export interface StreamEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A stream that comes back by itself where it was cut off; read it with `for await`. */
export interface EventStream extends AsyncIterable<StreamEvent> {
  /** Of the last event that was read; keep it to go on after a reload. */
  readonly lastEventId: string | undefined;
  /** Stops reading. What is being told goes on at the server. */
  stop(): void;
}

export interface StreamOptions {
  /** Parameters of the path. */
  readonly path?: Readonly<Record<string, string>>;
  /** Goes on behind this event. */
  readonly lastEventId?: string;
  /** Whether an event is the last one; without it, the stream ends when the server says there is nothing left. */
  readonly isLast?: (event: StreamEvent) => boolean;
  /** Milliseconds without a sign of life after which the connection is given up; the server sends one every 10 s. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
  /** How long to go on trying while nobody answers; `times` counts attempts without a single event. */
  readonly retry?: Partial<RetryRules>;
  readonly random?: () => number;
}

const STREAM_RETRY: RetryRules = { times: 10, baseMs: 250, maxMs: 10_000 };
const SILENCE_MS = 30_000;

/**
 * Follows a stream of server-sent events to its end, over every interruption, without a gap or a repetition.
 * @throws AtriumError when it is refused, or cannot be reached for long
 */
export const followEvents = (
  atrium: Pick<Atrium, 'transport'>,
  path: StreamPath,
  options: StreamOptions = {},
): EventStream => {
  const stopped = new AbortController();
  const rules = { ...STREAM_RETRY, ...options.retry };
  const { isLast = () => false, silenceMs = SILENCE_MS, random = Math.random } = options;
  let lastEventId = options.lastEventId;
  let retryMs: number | undefined;

  /** One connection. @returns whether the end has been told */
  async function* connect(signal: AbortSignal): AsyncGenerator<StreamEvent, boolean, undefined> {
    const quiet = new AbortController();
    const either = AbortSignal.any([signal, quiet.signal]);
    const response = await atrium.transport.send({
      method: 'get',
      path,
      params: options.path,
      headers: { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) },
      signal: either,
    });
    if (response.status === 204 || !response.body) return true;
    const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    const decoder = new TextDecoder();
    const parser = createSseParser();
    try {
      for (;;) {
        const timer = setTimeout(() => quiet.abort(new Error('the stream fell silent')), silenceMs);
        const { done, value } = await reader.read().finally(() => clearTimeout(timer));
        if (done) return false;
        for (const { id, type, data } of parser.read(decoder.decode(value, { stream: true }))) {
          const event = { id, type, data: JSON.parse(data) as Record<string, unknown> };
          if (id !== '') lastEventId = id;
          yield event;
          if (isLast(event)) return true;
        }
        retryMs = parser.retryMs;
      }
    } finally {
      // Leaving a connection that is already broken is no failure.
      reader.cancel().catch(() => undefined);
    }
  }

  async function* follow(): AsyncGenerator<StreamEvent, void, undefined> {
    const signal = options.signal ? AbortSignal.any([options.signal, stopped.signal]) : stopped.signal;
    let fruitless = 0;
    while (!signal.aborted) {
      let failure: unknown = networkError(undefined);
      const connection = connect(signal);
      try {
        for (let next = await connection.next(); ; next = await connection.next()) {
          if (next.done) {
            if (next.value) return;
            break;
          }
          fruitless = 0;
          yield next.value;
        }
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (options.signal?.aborted) throw error;
        failure = error instanceof AtriumError ? error : networkError(error);
      } finally {
        await connection.return(true);
      }
      const ms = pauseBefore(failure, fruitless, rules, random);
      if (ms === undefined) throw failure;
      fruitless += 1;
      await pause(Math.max(ms, retryMs ?? 0), signal).catch(() => undefined);
    }
    options.signal?.throwIfAborted();
  }

  return {
    get lastEventId() {
      return lastEventId;
    },
    stop: () => stopped.abort(),
    [Symbol.asyncIterator]: follow,
  };
};

/** What happens to a run, to be followed, left, or cancelled. */
export interface RunStream extends EventStream {
  /** Asks the run itself to stop; its last event is then `run.cancelled`. Leaving the stream never does that. */
  cancel(): Promise<void>;
}

/**
 * Follows a run until `run.completed`, `run.failed` or `run.cancelled`. Text comes as `text.delta` events; after
 * `run.restarted` drop the text so far, since another attempt tells all of it again.
 */
export const followRun = (
  atrium: Pick<Atrium, 'transport' | 'post'>,
  id: string,
  options: Omit<StreamOptions, 'path' | 'isLast'> = {},
): RunStream => {
  const events = followEvents(atrium, '/api/v1/runs/{id}/events', {
    ...options,
    path: { id },
    isLast: ({ type }) => /^run\.(completed|failed|cancelled)$/.test(type),
  });
  return {
    get lastEventId() {
      return events.lastEventId;
    },
    stop: events.stop,
    [Symbol.asyncIterator]: () => events[Symbol.asyncIterator](),
    async cancel() {
      await atrium.post('/api/v1/runs/{id}/cancel', { path: { id } });
    },
  };
};
