import { createHash, generateKeyPairSync } from 'node:crypto';
import { createTokenVerifier } from '@atrium/service-kit';
import { describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { createKeyRing, signingKeyOf } from '../tokens/key.ring.ts';
import { canonical, certify, type CertificateBody } from './erasure.certificate.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const now = (): Date => new Date();
const ring = createKeyRing([signingKeyOf(privateKey, now())], now);
const body: CertificateBody = {
  version: 1,
  erasureId: '01900000-0000-7000-8000-000000000001',
  scope: 'user',
  subjectSha256: 'ab',
  requestedAt: '2026-01-01T00:00:00.000Z',
  completedAt: '2026-01-01T00:01:00.000Z',
  services: [],
};

describe('a certificate', () => {
  it('is written the same whatever the order of its keys', () => {
    expect(canonical({ b: [1, { d: null, c: 'é"' }], a: true })).toBe('{"a":true,"b":[1,{"c":"é\\"","d":null}]}');
    expect(canonical(Object.fromEntries(Object.entries(body).toReversed()))).toBe(canonical(body));
  });

  it('can be checked with the public key, and says what its hash is of', () => {
    const { sha256, signature } = certify(body, ring);
    expect(jwt.verify(signature, publicKey, { algorithms: ['ES256'] })).toEqual(body);
    const payload = Buffer.from(signature.split('.')[1] ?? '', 'base64url');
    expect(createHash('sha256').update(payload).digest('hex')).toBe(sha256);
    expect(() => jwt.verify(signature.replace(/\.[^.]{4}/, '.AAAA'), publicKey)).toThrow();
  });

  it('is no token', async () => {
    await expect(createTokenVerifier(ring)(certify(body, ring).signature)).rejects.toThrow(/token\./);
  });
});
