import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ServiceName } from '@atrium/contracts';
import { DomainError, leaveUnread, requestIdOf, sendProblem, type Logger } from '@atrium/service-kit';
import { checkBody, hasBody } from '../limits/body.limit.ts';
import type { RateLimits } from '../limits/rate.limits.ts';
import type { RetryGate } from '../limits/retry.gate.ts';
import type { Upstream } from '../forwarding/upstream.ts';
import type { GatewayRoute } from '../routes.table.ts';
import type { Identify } from './admission.ts';
import { networkOf, type Caller } from './client.address.ts';
import type { Observe } from './observe.ts';
import { passingHeaders } from './passing.headers.ts';
import type { MatchRoute } from './route.match.ts';
import { readTarget, type Target } from './target.ts';

/** What the hall is furnished with. */
export interface HallParts {
  readonly match: MatchRoute;
  readonly upstreams: Readonly<Record<ServiceName, Upstream>>;
  readonly identify: Identify;
  readonly limits: RateLimits;
  readonly retries: RetryGate;
  readonly readCaller: (req: IncomingMessage) => Caller;
  /** Writes security and CORS headers; true when that was the whole answer. */
  readonly browserRules: (req: IncomingMessage, res: ServerResponse) => boolean;
  readonly observe: Observe;
  /** What the gateway answers itself: health, metrics, documentation, and that nothing else exists. */
  readonly own: RequestListener;
  /** Own paths that are not counted, so that probes never meet a limit. */
  readonly isUncounted: (path: string) => boolean;
  readonly bodyLimits: Readonly<Record<GatewayRoute['body'], number>>;
  /** Writes the problem of what was not let in. */
  readonly refuse: ReturnType<typeof createRefusal>;
}

/**
 * Writes a refusal; the client may still be sending.
 * @param refused told the code of each
 */
export const createRefusal =
  (log: Logger, refused: (code: string) => void) =>
  (req: IncomingMessage, res: ServerResponse, error: unknown, withBody = hasBody(req)): void => {
    if (withBody) leaveUnread(req);
    const requestId = res.getHeader('x-request-id');
    if (!res.headersSent) res.setHeader('cache-control', 'no-store');
    const problem = sendProblem(res, error);
    refused(problem.code);
    if (problem.status >= 500)
      log.error({ requestId, code: problem.code, err: problem.cause ?? error }, problem.detail);
  };

const isJson = (type: string | undefined): boolean => type !== undefined && /^application\/json\s*(?:;|$)/i.test(type);
const wantsEvents = ({ headers }: IncomingMessage): boolean => headers.accept?.includes('text/event-stream') ?? false;

/**
 * The way of every request: one spelling of the path, a route, a token, a limit, and then on to the service. Nothing
 * is read of the body, and nothing reaches a service that was not let in here.
 */
export const createHall = (parts: HallParts): RequestListener => {
  const { match, upstreams, identify, limits, retries, bodyLimits } = parts;
  const { refuse } = parts;

  /** Commands are told apart by their keys; a stream that is taken up again is no retry. */
  const watchRetries = (req: IncomingMessage, res: ServerResponse, asked: string): void => {
    const key = `${asked} ${String(req.headers['idempotency-key'] ?? '')}`;
    const end = retries.enter(key);
    res.once('close', () => end(!res.writableFinished ? 'left' : res.statusCode >= 500 ? 'failed' : 'answered'));
  };

  const pass = async (req: IncomingMessage, res: ServerResponse, route: GatewayRoute, target: Target, id: string) => {
    const caller = parts.readCaller(req);
    const asker = route.public ? networkOf(caller.address) : (await identify(req, res, caller)).tenant.userId;
    const counted = limits.count(res, route.rate, asker);
    if (counted) await counted;
    const lasting = wantsEvents(req);
    if (!lasting) watchRetries(req, res, `${asker} ${req.method} ${target.path}${target.query}`);
    const withBody = hasBody(req);
    const upload = withBody && route.body === 'upload' && !isJson(req.headers['content-type']);
    const bodyLimit = bodyLimits[upload ? 'upload' : 'json'];
    if (withBody) checkBody(req, bodyLimit);
    if (req.headers.expect !== undefined && withBody) res.writeContinue();
    const headers = passingHeaders(req.headers, caller, id);
    const exchange = { req, res, url: target.path + target.query, headers, hasBody: withBody, bodyLimit };
    upstreams[route.to].forward(exchange, upload || lasting);
  };

  const serveOwn = async (req: IncomingMessage, res: ServerResponse, target: Target): Promise<void> => {
    if (!parts.isUncounted(target.path)) await limits.count(res, 'anonymous', networkOf(parts.readCaller(req).address));
    parts.own(req, res);
  };

  return (req, res) => {
    const requestId = requestIdOf(req.headers['x-request-id'] as string | undefined);
    req.headers['x-request-id'] = requestId;
    res.setHeader('x-request-id', requestId);
    if (parts.browserRules(req, res)) return;
    const target = readTarget(req.url ?? '');
    const route = target && match(req.method ?? 'GET', target.path);
    if (!target || route) parts.observe(req, res, target?.path ?? '', route?.path ?? 'unknown', requestId);
    const done = !target
      ? Promise.reject(new DomainError('request.malformed_url', 400, 'The path is not written in its plain form.'))
      : route
        ? pass(req, res, route, target, requestId)
        : serveOwn(req, res, target);
    done.catch((error: unknown) => refuse(req, res, error));
  };
};
