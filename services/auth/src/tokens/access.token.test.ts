import { createPrivateKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createTokenVerifier } from '@atrium/service-kit';
import { createAccessTokens } from './access.token.ts';
import { createKeyRing, signingKeyOf } from './key.ring.ts';

const ringOf = (key: KeyObject) => createKeyRing([signingKeyOf(key, new Date(0))], () => new Date());
const ring = ringOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const subject = { userId: randomUUID(), workspaceId: randomUUID(), role: 'member' as const };

describe('createAccessTokens', () => {
  it('signs what every service can verify', async () => {
    const sessionId = randomUUID();
    const { accessToken, expiresIn } = createAccessTokens(ring, () => new Date()).issue({ ...subject, sessionId });
    const identity = await createTokenVerifier(ring)(accessToken);
    expect(identity.tenant).toEqual({ ...subject, actor: undefined });
    expect(identity.sessionId).toBe(sessionId);
    expect(expiresIn).toBe(900);
  });

  it('names the service that acts, for a shorter time', async () => {
    const issued = createAccessTokens(ring, () => new Date()).issue({ ...subject, actor: 'document' });
    const identity = await createTokenVerifier(ring)(issued.accessToken);
    expect(identity.tenant.actor).toBe('document');
    expect(identity.sessionId).toBeUndefined();
    expect(issued.expiresIn).toBe(300);
  });

  it('counts from its own clock', async () => {
    const past = new Date(Date.now() - 901_000 - 5_000);
    const { accessToken } = createAccessTokens(ring, () => past).issue(subject);
    await expect(createTokenVerifier(ring)(accessToken)).rejects.toMatchObject({ code: 'token.expired' });
  });
});

describe('createKeyRing', () => {
  it('names a key by its RFC 7638 thumbprint', () => {
    const key = createPrivateKey({
      format: 'jwk',
      key: {
        kty: 'EC',
        crv: 'P-256',
        d: '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
        x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
        y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
      },
    });
    const { published, signing } = ringOf(key);
    // The thumbprint of RFC 7517's example key, computed apart from this code.
    expect(signing.kid).toBe('cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s');
    expect(published).toHaveLength(1);
    expect(Object.keys(published[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });
});
