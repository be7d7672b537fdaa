import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Auditor } from '../audit/auditor.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { untraced, type Tracing } from '../observability/tracing.ts';
import { currentContext, withContext, type Context } from '../runtime/context.ts';
import type { RevocationWatch } from '../security/revocation.watch.ts';
import type { TokenVerifier } from '../security/token.ts';
import { handlersOf } from './handle.ts';
import { DomainError, sendProblem } from './problem.ts';
import { fullPath, type Route } from './route.ts';
import { leaveUnread } from './unread.body.ts';

const REQUEST_ID = /^[\w.:-]{8,128}$/;

/** The request id of the caller when it looks like one, so that a call can be followed through every service. */
export const requestIdOf = (header: string | undefined): string =>
  header !== undefined && REQUEST_ID.test(header) ? header : randomUUID();

/** Opens the context of a request, measures it, and writes one line about it. */
export const observed = (log: Logger, metrics: Metrics, tracing: Tracing = untraced): RequestHandler => {
  return (req, res, next) => {
    const requestId = requestIdOf(req.get('x-request-id'));
    const started = performance.now();
    res.setHeader('x-request-id', requestId);
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('cache-control', 'no-store');
    const { method } = req;
    const span = tracing.begin(`${method} request`, { traceparent: req.get('traceparent'), kind: 'server' });
    const context: Context = { requestId, traceparent: span.traceparent, tracing, operation: 'unknown' };
    res.once('close', () =>
      withContext(context, () => {
        const seconds = (performance.now() - started) / 1000;
        const { operation } = context;
        const status = res.writableFinished ? res.statusCode : 499;
        metrics.httpDuration.observe({ operation, method, status: String(status) }, seconds);
        span.rename(operation);
        span.set({ 'http.request.method': method, 'http.response.status_code': status });
        span.end(status >= 500 ? new Error('request failed') : undefined);
        const line = { method, path: req.path, status, ms: Math.round(seconds * 1e4) / 10 };
        if (res.statusCode >= 500) log.error(line, 'request failed');
        else log.debug(line, 'request');
      }),
    );
    withContext(context, next);
  };
};

const errors =
  (log: Logger, metrics: Metrics): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    leaveUnread(req);
    const problem = sendProblem(res, error);
    metrics.problems.inc({ operation: currentContext()?.operation ?? 'unknown', code: problem.code });
    if (problem.status >= 500) log.error({ err: problem.cause ?? error, code: problem.code }, problem.detail);
  };

/** 404 for a path nobody serves, 405 for a method nobody serves there. */
const unmatched =
  (routes: readonly { matches: RegExp; method: string }[]): RequestHandler =>
  (req) => {
    const allowed = routes.filter(({ matches }) => matches.test(req.path)).map(({ method }) => method.toUpperCase());
    if (allowed.length > 0)
      throw new DomainError('request.method_not_allowed', 405, `${req.method} is not possible here.`, {
        headers: { allow: [...new Set(allowed)].join(', ') },
      });
    throw new DomainError('request.unknown_route', 404, `There is nothing at ${req.method} ${req.path}.`);
  };

const patternOf = (path: string): RegExp => new RegExp(`^${path.replace(/:\w+/g, '[^/]+').replaceAll('.', '\\.')}/?$`);

/** A literal path is matched before a parameter at the same place, whatever order the routes were listed in. */
const matchOrder = (route: Route): string => fullPath(route).replaceAll(':', '\u{ffff}');

/**
 * The Express application of a service: its routes and nothing else. Every request has a context, every error is
 * problem+json, and what is not declared does not exist.
 */
export const createApp = (options: {
  routes: readonly Route[];
  verify: TokenVerifier;
  revocations?: RevocationWatch;
  log: Logger;
  metrics: Metrics;
  tracing?: Tracing;
  draining: AbortSignal;
  /** Absent in a service that keeps no audit log. */
  auditor?: Auditor | undefined;
}): Express => {
  const { routes, verify, revocations, log, metrics, tracing, draining, auditor } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(observed(log, metrics, tracing));
  const ordered = routes.toSorted((a, b) => (matchOrder(a) < matchOrder(b) ? -1 : 1));
  const handlers = { verify, draining, auditor, revocations };
  for (const one of ordered) app[one.method](fullPath(one), ...handlersOf(one, handlers));
  app.use(unmatched(routes.map((one) => ({ matches: patternOf(fullPath(one)), method: one.method }))));
  app.use(errors(log, metrics));
  return app;
};
