import type { ServiceName } from '@atrium/contracts';
import { Readiness, route, type Route } from '@atrium/service-kit';
import { z } from 'zod';

const PlatformHealth = z
  .object({
    status: z.enum(['ready', 'degraded', 'unready']),
    services: z.record(z.string(), Readiness),
  })
  .meta({ id: 'PlatformHealth' });
type PlatformHealth = z.infer<typeof PlatformHealth>;

const PATIENCE_MS = 3_000;
/** Health is public: however often it is asked, the services are asked once in this time. */
const FRESH_MS = 500;
const UNREACHABLE: Readiness = { status: 'unready', checks: {} };

const ask = async (url: string): Promise<Readiness> => {
  try {
    const response = await fetch(new URL('/health/ready', url), { signal: AbortSignal.timeout(PATIENCE_MS) });
    return Readiness.parse(await response.json());
  } catch {
    return UNREACHABLE;
  }
};

/** The worst of the services is what the platform is. */
export const overall = (services: readonly Readiness[]): PlatformHealth['status'] => {
  if (services.some(({ status }) => status === 'unready')) return 'unready';
  return services.some(({ status }) => status === 'degraded') ? 'degraded' : 'ready';
};

/** The health of everything: asks every service at once. */
export const platformHealthRoutes = (
  services: readonly { service: ServiceName; url: string }[],
  now: () => number,
): Route[] => {
  let kept: { report: Promise<PlatformHealth>; until: number } | undefined;
  const read = async (): Promise<PlatformHealth> => {
    const reports = await Promise.all(services.map(async ({ service, url }) => [service, await ask(url)] as const));
    return { status: overall(reports.map(([, report]) => report)), services: Object.fromEntries(reports) };
  };
  return [
    route({
      method: 'get',
      path: '/health',
      surface: 'root',
      id: 'readPlatformHealth',
      summary: 'Whether every service can do its work',
      permission: 'public',
      response: PlatformHealth,
      handler: async ({ res }) => {
        if (!kept || kept.until <= now()) kept = { report: read(), until: now() + FRESH_MS };
        const report = await kept.report;
        if (report.status === 'unready') res.status(503).json(report);
        return report;
      },
    }),
  ];
};
