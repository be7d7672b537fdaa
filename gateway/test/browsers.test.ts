import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

const APP = 'https://app.example.com';
const corsOf = (headers: Headers): string[] => [...headers.keys()].filter((name) => name.startsWith('access-control-'));

let hall: GatewayUnderTest;
beforeAll(async () => {
  hall = await startGateway({ CORS_ORIGINS: `${APP}, http://localhost:3000` });
});
afterAll(() => hall.close());

const preflight = (url: string, origin: string) =>
  fetch(`${url}/api/v1/documents`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,idempotency-key',
    },
  });

describe('CORS', () => {
  it.each([APP, 'http://localhost:3000'])('answers the preflight of %s itself, without a token', async (origin) => {
    const before = hall.upstreams.document.seen.length;
    const { status, headers } = await preflight(hall.url, origin);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-credentials')).toBe('true');
    expect(headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(headers.get('access-control-allow-headers')).toBe('authorization,idempotency-key');
    expect(headers.get('vary')).toContain('Origin');
    expect(hall.upstreams.document.seen.length).toBe(before);
  });

  it('lets a listed page read answers and refusals', async () => {
    hall.upstreams.document.handle = (_req, res) => void res.writeHead(200, { vary: 'accept' }).end();
    for (const authorization of [`Bearer ${hall.token()}`, '']) {
      const { headers } = await hall.send('/api/v1/documents', { headers: { origin: APP, authorization } });
      expect(headers.get('access-control-allow-origin')).toBe(APP);
      expect(headers.get('access-control-expose-headers')).toContain('ratelimit');
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  it.each(['https://evil.example', 'https://app.example.com.evil.example', 'https://APP.example.com', 'null'])(
    'gives %s nothing',
    async (origin) => {
      const asked = await preflight(hall.url, origin);
      expect([asked.status, corsOf(asked.headers)]).toEqual([401, []]);
      const { headers } = await hall.send('/api/v1/documents', { headers: { origin } });
      expect(corsOf(headers)).toEqual([]);
      expect(headers.get('vary')).toContain('Origin');
    },
  );

  it('is off without a list', async () => {
    const closed = await hall.startAgain({ CORS_ORIGINS: '' });
    const { headers } = await preflight(closed.url, APP);
    expect(corsOf(headers)).toEqual([]);
  });
});
