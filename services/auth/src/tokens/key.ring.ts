import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { unavailable, type KeySource } from '@atrium/service-kit';
import { z } from 'zod';

const PublicPoint = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() });

/** A public key as it is published (RFC 7517). */
export const Jwk = PublicPoint.extend({ kid: z.string(), alg: z.literal('ES256'), use: z.literal('sig') });
export type Jwk = z.infer<typeof Jwk>;

/** A key over its life: published from the beginning, signing from `activatesAt`, good until `retiresAt`. */
export interface SigningKey {
  readonly jwk: Jwk;
  readonly publicKey: KeyObject;
  /** Absent when it cannot be opened here; its tokens are honoured all the same. */
  readonly privateKey: KeyObject | undefined;
  readonly activatesAt: Date;
  readonly retiresAt: Date | null;
}

/** The key that signs, and every key that is published. */
export interface KeyRing extends KeySource {
  readonly signing: { readonly kid: string; readonly key: KeyObject };
  readonly published: readonly Jwk[];
  /** Takes the keys that are stored now. */
  replace(keys: readonly SigningKey[]): void;
}

/** The id of a key is its thumbprint (RFC 7638): the same wherever it is computed. */
const publish = (key: KeyObject): Jwk => {
  const { crv, kty, x, y } = PublicPoint.parse(key.export({ format: 'jwk' }));
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' };
};

/** @param privateKey on P-256 */
export const signingKeyOf = (privateKey: KeyObject, activatesAt: Date): SigningKey => {
  const publicKey = createPublicKey(privateKey);
  return { jwk: publish(publicKey), publicKey, privateKey, activatesAt, retiresAt: null };
};

export const createKeyRing = (stored: readonly SigningKey[], now: () => Date): KeyRing => {
  let keys = stored;
  const good = (): SigningKey[] => keys.filter(({ retiresAt }) => retiresAt === null || retiresAt > now());
  return {
    /** The newest key whose time has come. */
    get signing() {
      const at = now();
      const [newest] = good()
        .filter(({ privateKey, activatesAt }) => privateKey !== undefined && activatesAt <= at)
        .toSorted((a, b) => b.activatesAt.getTime() - a.activatesAt.getTime());
      if (!newest?.privateKey) throw unavailable('token.no_signing_key', 'There is no key to sign tokens with.');
      return { kid: newest.jwk.kid, key: newest.privateKey };
    },
    get published() {
      return good().map(({ jwk }) => jwk);
    },
    find: async (kid) => good().find(({ jwk }) => jwk.kid === kid)?.publicKey,
    replace(stored) {
      keys = stored;
    },
  };
};
