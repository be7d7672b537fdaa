import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeRoutes, route } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { z } from 'zod';
import { gateway } from '../src/service.ts';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway();
});
afterAll(() => hall.close());

const documentOf = (service: string, path: string, id: string) =>
  describeRoutes(service, [
    route({
      method: 'get',
      path,
      id,
      summary: 'One',
      permission: 'document:read',
      response: z.object({ name: z.literal(service) }).meta({ id: 'ThingView' }),
      handler: () => Promise.resolve({ name: service }),
    }),
    route({
      method: 'get',
      path: '/metrics',
      surface: 'root',
      id: 'readMetrics',
      summary: 'Two',
      permission: 'public',
      handler: async () => undefined,
    }),
    route({
      method: 'get',
      path: '/elsewhere',
      id: `${id}2`,
      summary: 'Three',
      permission: 'public',
      handler: async () => undefined,
    }),
  ]);

describe('health', () => {
  const health = async (): Promise<[number, { status: string; services: Record<string, { status: string }> }]> => {
    const response = await fetch(`${hall.url}/health`);
    return [
      response.status,
      (await response.json()) as { status: string; services: Record<string, { status: string }> },
    ];
  };

  it('is that of every service', async () => {
    const [status, body] = await health();
    expect([status, body.status]).toEqual([200, 'ready']);
    expect(Object.keys(body.services).toSorted()).toEqual(Object.keys(hall.upstreams).toSorted());
  });

  it('is fine while a service is degraded, and not while one is down or unready', async () => {
    hall.upstreams.billing.readiness = 'degraded';
    await eventually(async () => (await health())[1].status === 'degraded');
    expect((await health())[0]).toBe(200);
    hall.upstreams.billing.readiness = 'unready';
    await eventually(async () => (await health())[0] === 503);
    hall.upstreams.billing.readiness = 'ready';
    await eventually(async () => (await health())[0] === 200);
    await hall.upstreams.calendar.crash();
    await eventually(async () => (await health())[0] === 503);
    const [, body] = await health();
    expect(body.services['calendar']?.status).toBe('unready');
    expect(body.services['billing']?.status).toBe('ready');
    await hall.upstreams.calendar.recover();
    await eventually(async () => (await health())[0] === 200);
  });

  it('tells of the gateway alone at /health/live and /health/ready', async () => {
    expect(await (await fetch(`${hall.url}/health/live`)).json()).toEqual({ status: 'live' });
    const ready = await fetch(`${hall.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { redis: 'ok' } }]);
  });

  it('counts what it serves', async () => {
    await hall.send('/api/v1/billing/balance');
    const text = await eventually(async () => {
      const metrics = await (await fetch(`${hall.url}/metrics`)).text();
      return metrics.includes('operation="/api/v1/billing"') && metrics;
    });
    expect(text).toMatch(
      /http_request_duration_seconds_count\{service="gateway",operation="\/api\/v1\/billing",method="GET",status="200"\} 1/,
    );
  });
});

describe('the merged document', () => {
  interface Document {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
    'x-missing'?: string[];
  }
  const read = async (url: string): Promise<Document> =>
    (await fetch(`${url}/openapi.json`)).json() as Promise<Document>;

  it('has what services serve through the gateway, and says whose part is missing', async () => {
    hall.upstreams.document.document = documentOf('document', '/documents/:id', 'readThing');
    hall.upstreams.billing.document = documentOf('billing', '/billing/things', 'readThing');
    const document = await read(hall.url);
    expect(document['x-missing']?.toSorted()).toEqual(['agent-orchestrator', 'auth', 'calendar']);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/v1/documents/{id}', '/api/v1/billing/things', '/health']),
    );
    expect(Object.keys(document.paths)).not.toContain('/api/v1/elsewhere');
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id === 'readMetrics')).toHaveLength(1);
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['ThingView', 'BillingThingView', 'Problem']),
    );
    expect(document.components.securitySchemes).toHaveProperty('bearer');
    const refs = JSON.stringify(document.paths).match(/#\/components\/[^"]+/g) ?? [];
    for (const ref of new Set(refs)) expect(document.components).toHaveProperty(ref.split('/').slice(2));
  });

  it('has the missing part once the service is there', async () => {
    for (const service of ['auth', 'calendar', 'agent-orchestrator'] as const)
      hall.upstreams[service].document = documentOf(service, `/${service}/things`, `read${service}`);
    const second = await hall.startAgain();
    expect((await read(second.url))['x-missing']).toBeUndefined();
  });

  it('can be had without running anything', () => {
    expect(Object.keys(gateway.openapi().paths ?? {})).toEqual(
      expect.arrayContaining(['/health', '/openapi.json', '/docs']),
    );
  });
});

describe('documentation', () => {
  it.each(['/docs', '/redoc'])('%s reads without a network', async (path) => {
    const response = await fetch(`${hall.url}${path}`);
    const html = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(html).not.toMatch(/https?:|src="\/\/|href="\/\//);
    expect(html).not.toMatch(/<script>|<style>|\son\w+=/);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*/);
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      const asset = await fetch(`${hall.url}${file}`);
      expect([file, asset.status]).toEqual([file, 200]);
      expect(asset.headers.get('content-type')).toMatch(/^(text\/(javascript|css)|image\/png)/);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
  });

  it('starts on the merged document', async () => {
    for (const path of ['/docs/start.js', '/redoc/start.js'])
      expect(await (await fetch(`${hall.url}${path}`)).text()).toContain("'/openapi.json'");
  });

  it.each(['/docs/package.json', '/docs/constructor', '/redoc/swagger-ui.css'])('has nothing at %s', async (path) => {
    const response = await fetch(`${hall.url}${path}`);
    expect([response.status, await codeOf(response)]).toEqual([404, 'file.not_found']);
  });
});
