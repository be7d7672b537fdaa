import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { isAnswered } from '../entry/passing.headers.ts';
import { tooLarge } from '../limits/body.limit.ts';
import { isEventStream } from './answer.head.ts';
import type { Exchange, Forwarder, Outcome, UpstreamSettings } from './exchange.ts';
import { CLIENT_LEFT } from './failure.ts';
import { isLostBeforeAnswer, repeatOf } from './repeat.ts';

/** A connection can be lost between the system that took it and the service that stops. */
const TRIES = 2;

interface Passage {
  readonly exchange: Exchange;
  readonly outcome: Outcome;
  /** Why we ended the request to the service ourselves; otherwise it only looks broken off. */
  reason?: Error;
  tries: number;
}

/** A stream that was never begun is asked for again; an upload cannot be. */
const mayRepeat = ({ exchange, reason, tries }: Passage, error: unknown): boolean =>
  tries < TRIES &&
  reason === undefined &&
  !exchange.hasBody &&
  repeatOf(exchange.req, false) !== undefined &&
  !exchange.res.headersSent &&
  !exchange.res.destroyed &&
  isLostBeforeAnswer(error);

const late = (): Error => Object.assign(new Error('the service took too long'), { code: 'ETIMEDOUT' });

const toObject = (flat: readonly string[]): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) headers[flat[at] ?? ''] = flat[at + 1] ?? '';
  return headers;
};

/** The way for what takes long: event streams and uploads, piped through with a limit on silence instead of time. */
export const createProxyForwarder = (url: string, settings: UpstreamSettings): Forwarder => {
  const passages = new WeakMap<IncomingMessage, Passage>();
  const streams = new Map<ServerResponse, IncomingMessage>();
  // A connection each: what takes long gains nothing from an old one, and an upload cannot be sent a second time when
  // the old one turns out to be closing.
  const agent = new Agent({ keepAlive: false });

  const proxy = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target: new URL(url).origin,
    changeOrigin: true,
    agent,
    on: {
      proxyReq(proxyReq, req) {
        const passage = passages.get(req);
        const { socket } = proxyReq;
        if (!passage) return;
        const end = (reason: Error): void => {
          passage.reason = reason;
          proxyReq.destroy(reason);
        };
        proxyReq.setTimeout(settings.idleMs, () => end(late()));
        if (socket?.connecting) {
          const timer = setTimeout(() => end(late()), settings.connectMs);
          for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer));
        }
        if (!passage.exchange.hasBody) return;
        const { bodyLimit } = passage.exchange;
        let seen = 0;
        req.on('data', (chunk: Buffer) => {
          seen += chunk.length;
          if (seen <= bodyLimit || passage.reason) return;
          req.unpipe(proxyReq);
          end(tooLarge(bodyLimit));
        });
      },
      proxyRes(proxyRes, req, res) {
        passages.get(req)?.outcome.answered();
        for (const name of Object.keys(proxyRes.headers)) if (!isAnswered(name)) delete proxyRes.headers[name];
        if (!isEventStream(proxyRes.headers)) return;
        streams.set(res, proxyRes);
        res.once('close', () => streams.delete(res));
        // Once they have been taken over: a stream begins with its headers, not with its first event.
        process.nextTick(() => res.flushHeaders());
      },
      error(error, req) {
        const passage = passages.get(req);
        if (passage && mayRepeat(passage, error)) {
          passage.tries += 1;
          return void proxy(req, passage.exchange.res);
        }
        passage?.outcome.failed(passage.reason ?? error);
      },
    },
  });

  return {
    forward(exchange, outcome) {
      const { req, res } = exchange;
      passages.set(req, { exchange, outcome, tries: 1 });
      req.headers = toObject(exchange.headers);
      req.url = exchange.url;
      if (res.destroyed) outcome.failed(CLIENT_LEFT);
      else void proxy(req, res);
    },
    endStreams() {
      // A stream that ends early is taken up again by its reader where it stopped, at another gateway.
      for (const [res, proxyRes] of streams) {
        proxyRes.unpipe(res);
        res.end();
      }
    },
    async close() {
      agent.destroy();
    },
  };
};
