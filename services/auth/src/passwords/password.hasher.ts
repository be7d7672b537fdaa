import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { WorkQueue } from './work.queue.ts';

/** OWASP's parameters for argon2id (RFC 9106): 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The same password typed on another keyboard is the same bytes. */
const bytesOf = (password: string): Buffer => Buffer.from(password.normalize('NFKC'));

/** Stands for the hash of those who have no password: none fits. */
export const NO_PASSWORD = '!';

/** Hashes and checks passwords. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** @param encoded undefined when there is no such user, or NO_PASSWORD: costs the same, and is never right */
  verify(encoded: string | undefined, password: string): Promise<boolean>;
  /** Whether the hash was made with another cost than new ones are; the next sign-in makes it anew. */
  isOutdated(encoded: string): boolean;
}

const { memoryCost, timeCost, parallelism } = ARGON2ID;
const CURRENT = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`;

export const createPasswordHasher = async (queue: WorkQueue): Promise<PasswordHasher> => {
  const nobody = await hash(randomBytes(32), ARGON2ID);
  return {
    hash: (password) => queue.run(() => hash(bytesOf(password), ARGON2ID)),
    async verify(encoded, password) {
      const known = encoded === NO_PASSWORD ? undefined : encoded;
      const right = await queue.run(() => verify(known ?? nobody, bytesOf(password)));
      return right && known !== undefined;
    },
    isOutdated: (encoded) => !encoded.startsWith(CURRENT),
  };
};
