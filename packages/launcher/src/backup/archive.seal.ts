import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { LauncherError } from '../failure.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** RFC 7914; 128 MB and about half a second for each guess. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const SHORTEST = 12;

/** Encrypts and signs with what a passphrase gives. */
export interface Seal {
  readonly salt: string;
  /** A part as it lies in the archive: nonce, ciphertext, tag. */
  encrypt(): Transform;
  /** Opens a part; fails at its end when a byte is not the one that was written. */
  decrypt(file: string): Promise<Readable>;
  mac(text: string): string;
}

/** @param salt of an existing archive, base64; a new one when absent */
export const sealBy = (passphrase: string, salt = randomBytes(16).toString('base64')): Seal => {
  if (passphrase.length < SHORTEST) {
    throw new LauncherError(
      `The passphrase of the backup has fewer than ${SHORTEST} characters`,
      'Choose a longer one: whoever has the archive can try as often as they like.',
    );
  }
  const master = scryptSync(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, SCRYPT);
  const keyFor = (use: string): Buffer => Buffer.from(hkdfSync('sha256', master, '', `atrium backup ${use}`, 32));
  const [key, macKey] = [keyFor('parts'), keyFor('manifest')];
  return {
    salt,
    encrypt() {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv);
      let begun = false;
      return new Transform({
        transform(chunk: Buffer, _encoding, done) {
          if (!begun) this.push(iv);
          begun = true;
          done(null, cipher.update(chunk));
        },
        flush(done) {
          if (!begun) this.push(iv);
          this.push(cipher.final());
          done(null, cipher.getAuthTag());
        },
      });
    },
    async decrypt(file) {
      const handle = await open(file);
      const { size } = await handle.stat();
      const [iv, tag] = [Buffer.alloc(IV_BYTES), Buffer.alloc(TAG_BYTES)];
      if (size >= IV_BYTES + TAG_BYTES) {
        await handle.read(iv, 0, IV_BYTES, 0);
        await handle.read(tag, 0, TAG_BYTES, size - TAG_BYTES);
      }
      await handle.close();
      const decipher = createDecipheriv(CIPHER, key, iv).setAuthTag(tag);
      if (size <= IV_BYTES + TAG_BYTES) {
        decipher.end();
        return decipher;
      }
      const source = createReadStream(file, { start: IV_BYTES, end: size - TAG_BYTES - 1 });
      source.on('error', (error) => decipher.destroy(error));
      return source.pipe(decipher);
    },
    mac: (text) => createHmac('sha256', macKey).update(text).digest('hex'),
  };
};

/** Whether two MACs are the same, in a time that tells nothing. */
export const sameMac = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
