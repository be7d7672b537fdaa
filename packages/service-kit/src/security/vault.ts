import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { unavailable } from '../http/problem.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keys by version; the first encrypts, all decrypt. */
export type DataKeys = ReadonlyMap<number, Buffer>;

/** A setting of the form `2:<base64 of 32 bytes>,1:<base64>`: versions from 1 to 255, the newest first. */
export const dataKeys = z.string().transform((text, context): DataKeys => {
  const entries = text.split(',').map((part) => {
    const [version = '', key = ''] = part.trim().split(':');
    return [Number(version), Buffer.from(key, 'base64')] as const;
  });
  const right = entries.every(
    ([version, key]) => Number.isInteger(version) && version > 0 && version < 256 && key.length === 32,
  );
  const keys = new Map(entries);
  if (right && keys.size === entries.length) return keys;
  context.addIssue('must be <version>:<base64 of 32 bytes>, several with commas, the newest first');
  return z.NEVER;
});

/** Encrypts what must be readable again later, such as second-factor secrets and grants of other systems. */
export interface Vault {
  /** @param place where it is stored, as `table:row`; it opens nowhere else */
  seal(text: string, place: string): Buffer;
  /** @throws Error when it was sealed for another place, or changed, or its key is gone */
  open(sealed: Buffer, place: string): string;
}

/**
 * AES-256-GCM with the place as associated data; a sealed value is key version, nonce, tag, ciphertext.
 * Without keys everything answers 503 `data_keys.not_configured`.
 */
export const createVault = (keys: DataKeys | undefined, random: (bytes: number) => Buffer = randomBytes): Vault => {
  const configured = (): DataKeys => {
    if (keys) return keys;
    throw unavailable(
      'data_keys.not_configured',
      'Set DATA_KEYS to 1:<base64 of 32 random bytes> to store secrets.',
      60,
    );
  };
  return {
    seal(text, place) {
      const [[version, key] = []] = configured();
      if (version === undefined || !key) throw new Error('there is no key to encrypt with');
      const iv = random(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(`${version}:${place}`));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const version = sealed[0] ?? 0;
      const key = configured().get(version);
      if (!key) throw new Error(`there is no key of version ${version} in DATA_KEYS`);
      const [iv, tag] = [sealed.subarray(1, 1 + IV_BYTES), sealed.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)];
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(`${version}:${place}`));
      decipher.setAuthTag(tag);
      const body = sealed.subarray(1 + IV_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
  };
};
