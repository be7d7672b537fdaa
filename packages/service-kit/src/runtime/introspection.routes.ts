import { z } from 'zod';
import type { OpenApiDocument } from '../http/openapi.ts';
import { route, type Route } from '../http/route.ts';
import type { Metrics } from '../observability/metrics.ts';

/** What a service tells of itself on its own port: metrics for Prometheus and its OpenAPI document. */
export const introspectionRoutes = (metrics: Metrics, document: () => OpenApiDocument): Route[] => [
  route({
    method: 'get',
    path: '/metrics',
    surface: 'root',
    id: 'readMetrics',
    summary: 'Metrics in Prometheus text format',
    permission: 'public',
    produces: 'text/plain',
    handler: async ({ res }) => {
      res.set('content-type', metrics.registry.contentType).send(await metrics.registry.metrics());
    },
  }),
  route({
    method: 'get',
    path: '/openapi.json',
    surface: 'root',
    id: 'readOpenApi',
    summary: 'This service as an OpenAPI 3.1 document',
    permission: 'public',
    response: z.looseObject({}),
    handler: () => Promise.resolve({ ...document() }),
  }),
];
