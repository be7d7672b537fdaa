import { serviceNames, type ServiceName } from '@atrium/contracts';
import type { GatewayConfig } from './config.ts';
import { createUpstream, type Upstream } from './forwarding/upstream.ts';

/** Where every service answers. */
export const servicesOf = (config: GatewayConfig): readonly { service: ServiceName; url: string }[] => {
  const urls: Record<ServiceName, string> = {
    auth: config.AUTH_URL,
    'agent-orchestrator': config.AGENT_URL,
    document: config.DOCUMENT_URL,
    billing: config.BILLING_URL,
    calendar: config.CALENDAR_URL,
  };
  return serviceNames.map((service) => ({ service, url: urls[service] }));
};

/** The ways to all services. */
export const createUpstreams = (
  config: GatewayConfig,
  refuse: Parameters<typeof createUpstream>[0]['refuse'],
  now: () => number,
) => {
  const all = servicesOf(config).map(({ service, url }) =>
    createUpstream({
      service,
      url,
      settings: {
        connections: config.UPSTREAM_CONNECTIONS,
        connectMs: config.UPSTREAM_CONNECT_MS,
        answerMs: config.UPSTREAM_ANSWER_MS,
        idleMs: config.UPSTREAM_IDLE_MS,
      },
      breaker: { failures: config.BREAKER_FAILURES, openMs: config.BREAKER_OPEN_MS },
      refuse,
      now,
    }),
  );
  return {
    byName: Object.fromEntries(all.map((upstream) => [upstream.service, upstream])) as Record<ServiceName, Upstream>,
    all,
    endStreams: () => all.forEach((upstream) => upstream.endStreams()),
    close: () => Promise.all(all.map((upstream) => upstream.close())),
  };
};
