import type { Response } from 'express';

const HEARTBEAT_MS = 10_000;

/** One server-sent event; `data` is written as JSON. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * Writes events to a response as they come (WHATWG server-sent events): headers are flushed at once, a comment every
 * 10 s keeps the connection, and a slow reader holds back the source instead of filling memory.
 * @param signal ends the stream early: the client left, or the service drains and the client is to come again
 */
export const streamEvents = async (
  res: Response,
  events: AsyncIterable<ServerSentEvent>,
  signal: AbortSignal,
): Promise<void> => {
  res.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  res.flushHeaders();
  res.socket?.setNoDelay(true);
  const heartbeat = setInterval(() => res.write(': heartbeat\n\n'), HEARTBEAT_MS);
  try {
    for await (const { id, event, data } of events) {
      if (signal.aborted) break;
      const lines = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (!res.write(lines)) await drained(res, signal);
    }
  } finally {
    clearInterval(heartbeat);
    res.end();
  }
};

const drained = (res: Response, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
