import { createAdmission, type Admission, type Priority } from '@atrium/resilience';
import type { RequestHandler } from 'express';
import type { GaugeSource } from '../observability/gauges.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Pressure } from '../runtime/pressure.ts';
import { unavailable, type DomainError } from './problem.ts';
import type { Route } from './route.ts';

/** Below this many requests under way nobody is turned away, whatever waits. */
const LEAST = 12;

/** What stands at a role's door when there is more to do than can be done. */
export interface Door {
  /**
   * @returns what is called when the request is over
   * @throws DomainError 503 `request.overloaded`
   */
  enter(priority: Priority): () => void;
  readonly gauges: GaugeSource;
}

export const overloaded = (): DomainError =>
  unavailable('request.overloaded', 'There is more to do than can be done just now. Try again shortly.', 1);

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
    enter(priority) {
      if (!admission) return () => undefined;
      if (!admission.enter(priority)) {
        shed.inc({ priority });
        throw overloaded();
      }
      let inside = true;
      return () => {
        if (inside) admission.leave();
        inside = false;
      };
    },
    gauges: {
      gauges: {
        http_running: { help: 'Requests under way that count against the limit' },
        http_limit: { help: 'Requests that may be under way at once, as it was last adjusted' },
        event_loop_wait_seconds: { help: 'Mean delay of the event loop in the last tenth of a second' },
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

/** Calls of other services finish work that was let in elsewhere; what changes something goes before what reads. */
export const priorityOf = ({ priority, surface, method }: Pick<Route, 'priority' | 'surface' | 'method'>): Priority =>
  priority ?? (surface === 'root' ? 'always' : surface === 'internal' ? 'high' : method === 'get' ? 'low' : 'normal');

/** Streams and uploads last as long as their clients like and mostly wait, so they are let in by the limit and not held against it. */
const lasts = ({ produces, consumes }: Route): boolean => produces !== undefined || consumes !== undefined;

/** Lets a request of this route in, or turns it away before anything is read of it. */
export const atTheDoor = (door: Door, route: Route): RequestHandler => {
  const priority = priorityOf(route);
  return (_req, res, next) => {
    const leave = door.enter(priority);
    if (lasts(route)) leave();
    else res.once('close', leave);
    next();
  };
};
