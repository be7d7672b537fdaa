import type { ServiceName } from '@atrium/contracts';
import {
  describeRoutes,
  healthRoutes,
  introspectionRoutes,
  type Metrics,
  type OpenApiDocument,
  type Readiness,
  type Route,
} from '@atrium/service-kit';
import type { Admit } from './entry/admission.ts';
import { ADMISSION_PATH, admissionRoutes } from './entry/admission.routes.ts';
import { docsRoutes } from './docs/docs.routes.ts';
import type { MergedDocument } from './docs/openapi.merge.ts';
import { platformHealthRoutes } from './health/health.routes.ts';

/** What the gateway answers itself: health, metrics, documentation, and whether a token would be let in. */
export const ownRoutes = (own: {
  metrics: Metrics | undefined;
  services: readonly { service: ServiceName; url: string }[];
  ready: () => Promise<Readiness>;
  document: () => Promise<MergedDocument>;
  admit: Admit;
}): Route[] => [
  ...platformHealthRoutes(own.services, Date.now),
  ...healthRoutes(own.ready),
  // The document of the gateway is the merged one, so only the metrics of these.
  ...introspectionRoutes(own.metrics as Metrics, openapi).filter(({ path }) => path === '/metrics'),
  ...docsRoutes(own.document),
  ...admissionRoutes(own.admit),
];

/** The document of these; needs neither settings nor services. */
export const openapi = (): OpenApiDocument => {
  const never = (): never => {
    throw new Error('routes are only described here');
  };
  const nothing = { metrics: undefined, services: [] };
  return describeRoutes('gateway', ownRoutes({ ...nothing, ready: never, document: never, admit: never }));
};

/** Probes and scrapes come as often as they like; an admission counts for its user. */
export const isUncounted = (path: string): boolean =>
  path.startsWith('/health') || path === '/metrics' || path === ADMISSION_PATH;
