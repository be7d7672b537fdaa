import type { ServiceName } from '@atrium/contracts';
import { createBreaker, type Attempt } from '@atrium/resilience';
import { unavailable, type DomainError } from '@atrium/service-kit';
import type { Exchange, Outcome, UpstreamSettings } from './exchange.ts';
import { failureOf } from './failure.ts';
import { createPoolForwarder } from './pool.forwarder.ts';
import { createProxyForwarder } from './proxy.forwarder.ts';

/** Exchanges that may wait or run at one service for each of its connections; beyond that it is overloaded. */
const PER_CONNECTION = 8;

/** One service as the gateway sees it: two ways to it, and a breaker in front of both. */
export const createUpstream = (options: {
  service: ServiceName;
  url: string;
  settings: UpstreamSettings;
  breaker: { failures: number; openMs: number };
  refuse: (exchange: Exchange, error: DomainError) => void;
  now: () => number;
}) => {
  const { service, url, settings, refuse, now } = options;
  const breaker = createBreaker(options.breaker);
  const pool = createPoolForwarder(url, settings);
  const proxy = createProxyForwarder(url, settings);
  const room = settings.connections * PER_CONNECTION;
  let running = 0;

  const outcomeOf = (exchange: Exchange, attempt: Attempt): Outcome => {
    let over = false;
    return {
      answered: attempt.succeeded,
      failed(error) {
        if (over) return;
        over = true;
        // A client that left tells nothing about the service.
        if (exchange.res.destroyed) return;
        const problem = failureOf(service, error);
        if (problem.status >= 500) attempt.failed(now());
        refuse(exchange, problem);
      },
    };
  };

  return {
    service,
    url,
    /**
     * @param lasting whether it is a stream or an upload
     * @throws DomainError 503 `upstream.unavailable` without asking the service
     */
    forward(exchange: Exchange, lasting: boolean): void {
      if (exchange.res.destroyed) return;
      if (running >= room)
        throw unavailable('upstream.overloaded', `The ${service} service has too much to do. Try again shortly.`);
      const attempt = breaker.begin(now());
      if (typeof attempt === 'number')
        throw unavailable(
          'upstream.unavailable',
          `The ${service} service does not answer. Try again shortly.`,
          Math.ceil(attempt / 1000),
        );
      const outcome = outcomeOf(exchange, attempt);
      if (lasting) return proxy.forward(exchange, outcome);
      running += 1;
      exchange.res.once('close', () => (running -= 1));
      pool.forward(exchange, outcome);
    },
    /** For metrics: whether it is left alone, and how much is under way. */
    state: () => ({ breaker: breaker.state(now()), running }),
    /** Ends streams, so that draining does not wait for them. */
    endStreams: proxy.endStreams,
    close: () => Promise.all([pool.close(), proxy.close()]),
  };
};
export type Upstream = ReturnType<typeof createUpstream>;
