import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createKeySource } from './jwks.ts';

const jwk = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
});

/** A clock and an auth service under the test's control. */
const setUp = (first: object[]) => {
  const world = { now: 0, keys: first, calls: 0, away: false };
  const source = createKeySource('http://auth/jwks', {
    now: () => world.now,
    fetch: async () => {
      world.calls += 1;
      if (world.away) throw new TypeError('fetch failed');
      return Response.json({ keys: world.keys });
    },
  });
  return { world, source };
};

describe('createKeySource', () => {
  it('asks once for many at once', async () => {
    const { world, source } = setUp([jwk('a')]);
    const found = await Promise.all(Array.from({ length: 10 }, () => source.find('a')));
    expect(found.every(Boolean)).toBe(true);
    expect(world.calls).toBe(1);
  });

  it('has the keys before the first token when it was told to begin, and begins without auth', async () => {
    const { world, source } = setUp([jwk('a')]);
    world.away = true;
    await source.begun();
    world.away = false;
    await source.begun();
    expect(world.calls).toBe(2);
    expect(await source.find('a')).toBeDefined();
    expect(world.calls).toBe(2);
  });

  it('finds a key that was added by rotation', async () => {
    const { world, source } = setUp([jwk('a')]);
    await source.find('a');
    world.keys = [...world.keys, jwk('b')];
    world.now = 6_000;
    expect(await source.find('b')).toBeDefined();
  });

  it('does not let made-up key ids hammer auth', async () => {
    const { world, source } = setUp([jwk('a')]);
    await source.find('a');
    world.now = 6_000;
    for (let at = 0; at < 50; at += 1) expect(await source.find(`made-up-${at}`)).toBeUndefined();
    expect(world.calls).toBe(2);
  });

  it('goes on with known keys while auth is away, and says so for others', async () => {
    const { world, source } = setUp([jwk('a')]);
    await source.find('a');
    world.away = true;
    world.now = 3_600_000;
    expect(await source.find('a')).toBeDefined();
    await expect(source.find('b')).rejects.toMatchObject({ status: 503, code: 'token.keys_unavailable' });
  });
});
