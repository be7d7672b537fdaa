import type { Readable } from 'node:stream';
import { createRetryBudget } from '@atrium/resilience';
import { leaveUnread } from '@atrium/service-kit';
import { Pool } from 'undici';
import { createMeter } from '../limits/body.limit.ts';
import { isEventStream, writeAnswerHead } from './answer.head.ts';
import type { Exchange, Forwarder, Outcome, UpstreamSettings } from './exchange.ts';
import { CLIENT_LEFT } from './failure.ts';
import { isLostBeforeAnswer, repeatOf } from './repeat.ts';

/** How long an idle connection is kept; the kit's services linger for 5.5 s when they stop. */
const IDLE_MS = 4_000;
/** Once on a connection that may just be closing, and once more. */
const TRIES = 2;

/**
 * The short way for ordinary requests: a pool of keep-alive connections, nothing buffered, and a slow reader holds
 * back the service. See docs/adr/0005-gateway-forwarding.md for what it saves.
 */
export const createPoolForwarder = (url: string, settings: UpstreamSettings): Forwarder => {
  const pool = new Pool(new URL(url).origin, {
    connections: settings.connections,
    pipelining: 1,
    connect: { timeout: settings.connectMs },
    headersTimeout: settings.answerMs,
    bodyTimeout: settings.idleMs,
    // Shorter than a service that stops keeps idle connections, so that no request goes into one that is being closed.
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
  });

  // A service that closes connections, as in a restart, has each request that was under way sent again; all of them fit.
  const budget = createRetryBudget({ reserve: settings.connections });

  const forward = ({ req, res, url: path, headers, hasBody, bodyLimit }: Exchange, outcome: Outcome): void => {
    // The body goes through a stream of its own: undici destroys what it was given, and the client wants an answer.
    const repeat = repeatOf(req, hasBody);
    const body = hasBody ? req.pipe(createMeter(bodyLimit, repeat?.note)) : null;
    let begun = false;
    let dispatched = 0;
    budget.earn();
    const dispatch = (source: Readable | null): void => {
      dispatched += 1;
      const own = dispatched;
      pool.dispatch(
        { path, method: req.method ?? 'GET', headers, body: source },
        {
          onRequestStart(controller) {
            if (res.destroyed) return controller.abort(CLIENT_LEFT);
            res.once('close', () => {
              if (!res.writableFinished && own === dispatched) controller.abort(CLIENT_LEFT);
            });
          },
          onResponseStart(_controller, status, answered) {
            begun = true;
            if (status < 200) return;
            outcome.answered();
            writeAnswerHead(res, status, answered);
            if (isEventStream(answered)) res.flushHeaders();
          },
          onResponseData(controller, chunk) {
            if (res.write(chunk)) return;
            controller.pause();
            res.once('drain', () => controller.resume());
          },
          onResponseEnd() {
            // It may have answered without reading everything.
            if (hasBody && !req.readableEnded) leaveUnread(req);
            res.end();
          },
          onResponseError(_controller, error) {
            const again = !begun && dispatched < TRIES && !res.destroyed && isLostBeforeAnswer(error);
            const next = again ? repeat?.body() : undefined;
            if (next === undefined || !budget.spend()) outcome.failed(error);
            else dispatch(next);
          },
        },
      );
    };
    dispatch(body);
  };

  return { forward, endStreams: () => undefined, close: () => pool.destroy() };
};
