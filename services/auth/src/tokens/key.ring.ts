import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { KeySource } from '@atrium/service-kit';
import { z } from 'zod';

const PublicPoint = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() });

/** A public key as it is published (RFC 7517). */
export const Jwk = PublicPoint.extend({ kid: z.string(), alg: z.literal('ES256'), use: z.literal('sig') });
export type Jwk = z.infer<typeof Jwk>;

/** The key that signs, and every key that is published. */
export interface KeyRing extends KeySource {
  readonly signing: { readonly kid: string; readonly key: KeyObject };
  readonly published: readonly Jwk[];
}

/** The id of a key is its thumbprint (RFC 7638): the same wherever it is computed. */
const publish = (key: KeyObject): Jwk => {
  const { crv, kty, x, y } = PublicPoint.parse(key.export({ format: 'jwk' }));
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' };
};

/** @param privateKey on P-256 */
export const createKeyRing = (privateKey: KeyObject): KeyRing => {
  const publicKey = createPublicKey(privateKey);
  const jwk = publish(publicKey);
  return {
    signing: { kid: jwk.kid, key: privateKey },
    published: [jwk],
    find: async (kid) => (kid === jwk.kid ? publicKey : undefined),
  };
};
