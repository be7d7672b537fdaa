import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A new refresh token: 256 random bits, opaque to whoever holds it. */
export const newRefreshToken = (random: (bytes: number) => Buffer = randomBytes): string =>
  random(32).toString('base64url');

/** What is stored in place of a token. It needs no salt: the token is random, not chosen. */
export const hashRefreshToken = (token: string): Buffer => createHash('sha256').update(token).digest();

const keyFrom = (parent: string): Buffer => Buffer.from(hkdfSync('sha256', parent, '', 'atrium refresh successor', 32));

/**
 * Encrypts a token so that only the holder of the token before it can read it (HKDF, AES-256-GCM): whoever reads the
 * database gets no token from it.
 * @returns nonce, tag and ciphertext
 */
export const sealSuccessor = (
  successor: string,
  parent: string,
  random: (bytes: number) => Buffer = randomBytes,
): Buffer => {
  const iv = random(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(parent), iv, { authTagLength: TAG_BYTES });
  const text = Buffer.concat([cipher.update(successor, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
};

/** @throws Error when it was sealed for another token, or changed */
export const unsealSuccessor = (sealed: Buffer, parent: string): string => {
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(parent), iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
};
