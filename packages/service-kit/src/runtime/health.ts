import { z } from 'zod';
import { route, type Route } from '../http/route.ts';

/** Whether a service can do its work. `degraded`: it can, but something it leans on is away. */
export const Readiness = z.object({
  status: z.enum(['ready', 'degraded', 'unready']),
  checks: z.record(z.string(), z.enum(['ok', 'down'])),
});
export type Readiness = z.infer<typeof Readiness>;

/** Checks a part; resolves when it answers. `vital`: without it the service cannot work. */
export interface HealthCheck {
  readonly name: string;
  readonly vital: boolean;
  check(): Promise<unknown>;
}

const CHECK_MS = 2_000;

const within = async (work: Promise<unknown>): Promise<'ok' | 'down'> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(resolve, CHECK_MS, 'down');
  });
  const outcome = await Promise.race([
    work.then(
      () => 'ok' as const,
      () => 'down' as const,
    ),
    late,
  ]);
  clearTimeout(timer);
  return outcome;
};

/** Asks every part at once. */
export const readiness = async (checks: readonly HealthCheck[], draining: boolean): Promise<Readiness> => {
  const outcomes = await Promise.all(checks.map(async (part) => ({ ...part, outcome: await within(part.check()) })));
  const down = outcomes.filter(({ outcome }) => outcome === 'down');
  const status = draining || down.some(({ vital }) => vital) ? 'unready' : down.length > 0 ? 'degraded' : 'ready';
  return { status, checks: Object.fromEntries(outcomes.map(({ name, outcome }) => [name, outcome])) };
};

/** Liveness never touches a dependency; readiness asks them all and answers 503 when the service cannot work. */
export const healthRoutes = (ready: () => Promise<Readiness>): Route[] => [
  route({
    method: 'get',
    path: '/health/live',
    surface: 'root',
    id: 'readLiveness',
    summary: 'Whether the process runs',
    permission: 'public',
    response: z.object({ status: z.literal('live') }),
    handler: () => Promise.resolve({ status: 'live' as const }),
  }),
  route({
    method: 'get',
    path: '/health/ready',
    surface: 'root',
    id: 'readReadiness',
    summary: 'Whether the service can do its work',
    permission: 'public',
    response: Readiness,
    handler: async ({ res }) => {
      const report = await ready();
      if (report.status === 'unready') res.status(503).json(report);
      return report;
    },
  }),
];
