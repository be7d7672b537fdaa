import type { Platform } from '../platform/platform.ts';

/** One harmless read of each service, as a member may do it. */
const PATHS: Readonly<Record<string, string>> = {
  auth: '/api/v1/auth/me',
  'agent-orchestrator': '/api/v1/agents',
  document: '/api/v1/documents',
  billing: '/api/v1/billing/balance',
  calendar: '/api/v1/calendar/events',
};

/** That read at each service's own port, and at the gateway. @throws Error for a service without one */
export const readOf = ({ urls, gateway }: Platform): { service: string; host: string; path: string }[] =>
  Object.entries(urls).map(([service, host]) => {
    if (host === gateway) return { service, host, path: '/api/v1/auth/me' };
    const path = PATHS[service];
    if (path === undefined) throw new Error(`name a harmless read of ${service} in prove/security/reads.ts`);
    return { service, host, path };
  });
