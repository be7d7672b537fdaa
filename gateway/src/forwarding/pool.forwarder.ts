import { leaveUnread } from '@atrium/service-kit';
import { Pool } from 'undici';
import { createMeter } from '../limits/body.limit.ts';
import { isEventStream, writeAnswerHead } from './answer.head.ts';
import type { Exchange, Forwarder, Outcome, UpstreamSettings } from './exchange.ts';
import { CLIENT_LEFT } from './failure.ts';

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
    // Shorter than the 75 s of the services, so that no request goes into a connection that is being closed.
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
  });

  const forward = ({ req, res, url: path, headers, hasBody, bodyLimit }: Exchange, outcome: Outcome): void => {
    // The body goes through a stream of its own: undici destroys what it was given, and the client wants an answer.
    const body = hasBody ? req.pipe(createMeter(bodyLimit)) : null;
    pool.dispatch(
      { path, method: req.method ?? 'GET', headers, body },
      {
        onRequestStart(controller) {
          if (res.destroyed) return controller.abort(CLIENT_LEFT);
          res.once('close', () => {
            if (!res.writableFinished) controller.abort(CLIENT_LEFT);
          });
        },
        onResponseStart(_controller, status, answered) {
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
          outcome.failed(error);
        },
      },
    );
  };

  return { forward, endStreams: () => undefined, close: () => pool.destroy() };
};
