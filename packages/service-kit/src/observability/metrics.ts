import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** The Prometheus registry and instruments of one service. */
export const createMetrics = (service: string) => {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    /** A counter of the service's own. Labels are of few kinds each; never a workspace or a person. */
    counter: <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Counter({ name, help, labelNames, registers }),
    /** A histogram of the service's own. @param buckets upper bounds */
    histogram: <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers }),
    httpDuration: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request, by operation and status',
      labelNames: ['operation', 'method', 'status'] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    eventsHandled: new Counter({
      name: 'events_handled_total',
      help: 'Events handled by this service, by type and outcome',
      labelNames: ['type', 'outcome'] as const,
      registers,
    }),
    eventLag: new Histogram({
      name: 'event_lag_seconds',
      help: 'From the event being written to its effects being committed here',
      labelNames: ['type'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 300],
      registers,
    }),
    problems: new Counter({
      name: 'http_problems_total',
      help: 'Requests that were refused or failed, by operation and problem code',
      labelNames: ['operation', 'code'] as const,
      registers,
    }),
    unread: new Counter({
      name: 'gauges_unread_total',
      help: 'Gauges that a scrape could not read in time',
      labelNames: ['gauge'] as const,
      registers,
    }),
    jobs: new Counter({
      name: 'jobs_total',
      help: 'Job attempts, by kind and outcome',
      labelNames: ['kind', 'outcome'] as const,
      registers,
    }),
  };
};
export type Metrics = ReturnType<typeof createMetrics>;
