import { permissions } from '@atrium/contracts';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { Problem } from './problem.ts';
import { fullPath, takesIdempotencyKey, type Route } from './route.ts';

/** An OpenAPI 3.1 document as plain data. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

const REASONS: Record<number, string> = {
  400: 'The request is malformed.',
  401: 'No valid access token was sent.',
  402: 'The balance does not cover it.',
  403: 'The role or service may not do this.',
  404: 'There is no such thing in this workspace.',
  409: 'It conflicts with the present state.',
  412: 'It was changed since it was read.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  422: 'Fields are missing, unknown or not valid.',
  429: 'Too many requests; see Retry-After.',
  503: 'A part that is needed does not answer; see Retry-After.',
};

const problem = (status: number) => ({
  description: REASONS[status] ?? 'It was refused.',
  content: { 'application/problem+json': { schema: Problem } },
});

const refusals = (route: Route): number[] => {
  const usual = [
    ...(route.permission === 'public' ? [] : [401, 403]),
    ...(route.body ? [400, 413, 415] : []),
    ...(route.body || route.query || route.params ? [422] : []),
    ...(takesIdempotencyKey(route) ? [409, 422] : []),
    429,
    503,
  ];
  return [...new Set([...usual, ...(route.errors ?? [])])].sort((a, b) => a - b);
};

const success = (route: Route) => {
  if (route.produces) return { description: route.summary, content: { [route.produces]: { schema: z.string() } } };
  if (!route.response) return { description: 'Done.' };
  return { description: route.summary, content: { 'application/json': { schema: route.response } } };
};

const describe = (route: Route): Record<string, unknown> => {
  const access = route.permission === 'public' ? undefined : permissions[route.permission];
  const by =
    access && ('role' in access ? `role ${access.role} or stronger` : `services ${access.services.join(', ')}`);
  return { 'x-permission': route.permission, ...(by ? { description: `Needs \`${route.permission}\`: ${by}.` } : {}) };
};

const operation = (service: string, route: Route): ZodOpenApiOperationObject => {
  const key = z.object({
    'idempotency-key': z
      .string()
      .max(255)
      .optional()
      .meta({ description: 'Makes the request safe to send again: the first answer is returned.' }),
  });
  const status = route.status ?? (route.response || route.produces ? 200 : 204);
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [service],
    ...describe(route),
    security: route.permission === 'public' ? [] : [{ bearer: [] }],
    requestParams: {
      ...(route.params instanceof z.ZodObject ? { path: route.params } : {}),
      ...(route.query instanceof z.ZodObject ? { query: route.query } : {}),
      ...(takesIdempotencyKey(route) ? { header: key } : {}),
    },
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    ...(route.consumes
      ? { requestBody: { required: true, content: { [route.consumes]: { schema: z.looseObject({}) } } } }
      : {}),
    responses: {
      [String(status) as '200']: success(route),
      ...Object.fromEntries(refusals(route).map((code) => [String(code), problem(code)])),
    },
  };
};

/**
 * The OpenAPI 3.1 document of a service, from the same declarations that serve it. Internal routes are left out:
 * they are not reachable through the gateway.
 */
export const describeRoutes = (service: string, routes: readonly Route[]): OpenApiDocument => {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes.filter(({ surface }) => surface !== 'internal')) {
    const path = fullPath(route).replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(service, route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: `Atrium ${service}`, version: '1' },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
};
