import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts private keys at rest. Each key that encrypts has a version; the highest one seals, all of them open. */
export interface KeySeal {
  readonly version: number;
  seal(kid: string, plain: Buffer): Buffer;
  /** Undefined when the key of that version is gone, or the bytes are not what was sealed for this row. */
  open(kid: string, version: number, sealed: Buffer): Buffer | undefined;
}

/** Ties the bytes to their place, so that one row's do not open in another. */
const placeOf = (kid: string, version: number): Buffer =>
  Buffer.from(`auth|signing_keys|${kid}|private_key|${version}`);

/** Version 0: made of `JWT_PRIVATE_KEY`, so that an installation without KEY_ENCRYPTION_KEYS needs no other secret. */
export const derivedKey = (privateKey: KeyObject): Buffer =>
  Buffer.from(hkdfSync('sha256', privateKey.export({ type: 'pkcs8', format: 'der' }), '', 'atrium signing keys', 32));

/** AES-256-GCM with a random nonce of 96 bits; nonce, ciphertext and tag in one. @param keys 32 bytes each, by version */
export const createKeySeal = (keys: ReadonlyMap<number, Buffer>): KeySeal => {
  const version = Math.max(...keys.keys());
  const current = keys.get(version);
  if (!current) throw new Error('there is no key to encrypt with');
  return {
    version,
    seal(kid, plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(placeOf(kid, version));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(kid, sealedWith, sealed) {
      const key = keys.get(sealedWith);
      if (!key || sealed.length <= NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(placeOf(kid, sealedWith)).setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
};
