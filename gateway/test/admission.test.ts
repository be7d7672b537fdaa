import { afterEach, describe, expect, it } from '@jest/globals';
import { codeOf, startGateway, type GatewayUnderTest } from './fixtures/gateway.fixture.ts';

let hall: GatewayUnderTest;
afterEach(() => hall.close());
const ask = (authorization?: string) =>
  hall.send('/edge/admission', authorization === undefined ? {} : { headers: { authorization } });

describe('what a proxy in front asks', () => {
  it('lets a good token in and no other, and asks no service', async () => {
    hall = await startGateway();
    const good = await ask();
    expect([good.status, await good.text()]).toEqual([204, '']);
    for (const header of ['', 'Bearer x.y.z', `Bearer ${hall.token(undefined, { expiresIn: -60 })}`]) {
      expect((await ask(header)).status).toBe(401);
    }
    expect(Object.values(hall.upstreams).flatMap(({ seen }) => seen)).toEqual([]);
  });

  it('counts for the user as any request does', async () => {
    hall = await startGateway({ RATE_LIMIT_USER: '2' });
    expect((await ask()).headers.get('ratelimit')).toMatch(/^"user";r=1;/);
    await hall.send('/api/v1/documents');
    const over = await ask();
    expect([over.status, await codeOf(over)]).toEqual([429, 'request.rate_limited']);
  });

  it('counts guessing by address', async () => {
    hall = await startGateway({ RATE_LIMIT_ANONYMOUS: '2' });
    const statuses = [];
    for (const at of [1, 2, 3]) statuses.push((await ask(`Bearer guess.${at}.x`)).status);
    expect(statuses).toEqual([401, 401, 429]);
  });
});
