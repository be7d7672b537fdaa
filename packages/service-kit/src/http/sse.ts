import type { Response } from 'express';
import { DomainError } from './problem.ts';

const HEARTBEAT_MS = 10_000;
/** How long a client that was shut out may take to read what it was sent before. */
const LEAVE_MS = 250;

/** One server-sent event; `data` is written as JSON. */
export interface ServerSentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * Writes events to a response as they come (WHATWG server-sent events): headers are flushed at once, a comment every
 * 10 s keeps the connection, and a slow reader holds back the source instead of filling memory.
 * @param signal ends the stream early: the client left, the service drains and the client is to come again, or the
 * access token was revoked, which a last event `revoked` tells
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
  const shutOut = (): void => {
    clearInterval(heartbeat);
    if (!(signal.reason instanceof DomainError) || res.writableEnded) return;
    const { code, detail } = signal.reason;
    res.end(`event: revoked\ndata: ${JSON.stringify({ code, detail })}\n\n`);
    setTimeout(() => res.writableFinished || res.destroy(), LEAVE_MS).unref();
  };
  signal.addEventListener('abort', shutOut, { once: true });
  if (signal.aborted) shutOut();
  try {
    for await (const { id, event, data } of events) {
      if (signal.aborted) break;
      const lines = `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (!res.write(lines)) await drained(res, signal);
    }
  } finally {
    clearInterval(heartbeat);
    signal.removeEventListener('abort', shutOut);
    if (!res.writableEnded) res.end();
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
