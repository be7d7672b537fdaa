import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createAdmission, type Admission, type Priority } from '@atrium/resilience';
import type { GaugeSource } from '../observability/gauges.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Pressure } from '../runtime/pressure.ts';
import { problemOf, unavailable } from './problem.ts';
import { leaveUnread } from './unread.body.ts';

/** Below this many requests under way nobody is turned away, whatever waits. */
const LEAST = 32;

/** What stands at a role's door when there is more to do than can be done. */
export interface Door {
  /**
   * Passes on what may come in, and answers the rest 503 `request.overloaded` before anything is read of it.
   * @param first may add headers to a refusal; true when it was answered so
   */
  guard(inside: RequestListener, first?: (req: IncomingMessage, res: ServerResponse) => boolean): RequestListener;
  readonly gauges: GaugeSource;
}

const OPERATORS = /^\/(?:health|metrics|openapi\.json|\.well-known|api\/(?:v1\/)?ops)(?:[/?]|$)/;

/**
 * Probes and what operators mend things with are always let in. Calls of other services finish work that was let in
 * elsewhere; what changes something goes before what reads, which clients do again by themselves.
 */
export const priorityOf = ({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): Priority => {
  if (OPERATORS.test(url)) return 'always';
  if (url.startsWith('/internal/')) return 'high';
  return method === 'GET' || method === 'HEAD' ? 'low' : 'normal';
};

/** Streams and uploads last as long as their clients like and mostly wait; they are let in by the limit and not held against it. */
const lasts = ({ headers }: IncomingMessage): boolean =>
  headers.accept?.includes('text/event-stream') === true || headers['content-type']?.startsWith('multipart/') === true;

const REFUSAL = unavailable('request.overloaded', 'There is more to do than can be done just now. Try again shortly.');

/** No error is thrown, traced or logged for each: what is turned away must cost next to nothing. */
const refuse = (req: IncomingMessage, res: ServerResponse): void => {
  const requestId = req.headers['x-request-id'];
  const body = JSON.stringify(problemOf(REFUSAL, typeof requestId === 'string' ? requestId : ''));
  if (req.headers['transfer-encoding'] !== undefined || (req.headers['content-length'] ?? '0') !== '0')
    leaveUnread(req);
  res.writeHead(503, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'retry-after': '1',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  res.end(body);
};

/** @param most requests under way at once; 0: nobody is turned away */
export const createDoor = (options: { most: number; pressure: Pressure; metrics: Metrics }): Door => {
  const { most, pressure, metrics } = options;
  const admission: Admission | undefined =
    most > 0 ? createAdmission({ most, least: Math.min(most, LEAST) }) : undefined;
  const shed = metrics.counter('http_shed_total', 'Requests turned away because there was too much to do', [
    'priority',
  ]);
  pressure.onMeasured((measured) => admission?.adjust(measured));
  return {
    guard(inside, first) {
      if (!admission) return inside;
      return (req, res) => {
        const priority = priorityOf(req);
        if (!admission.enter(priority)) {
          shed.inc({ priority });
          if (!first?.(req, res)) refuse(req, res);
          return;
        }
        if (lasts(req)) admission.leave(priority);
        else res.once('close', () => admission.leave(priority));
        inside(req, res);
      };
    },
    gauges: {
      gauges: {
        http_running: { help: 'Requests under way that count against the limit' },
        http_limit: { help: 'Requests that may be under way at once, as it was last adjusted' },
        event_loop_wait_seconds: { help: 'Median delay of the event loop in the last fifth of a second' },
      },
      read: () => [
        ...(admission
          ? [
              { name: 'http_running', value: admission.running },
              { name: 'http_limit', value: Math.floor(admission.limit) },
            ]
          : []),
        { name: 'event_loop_wait_seconds', value: pressure.loopDelayMs / 1_000 },
      ],
    },
  };
};
