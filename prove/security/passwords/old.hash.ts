import { hash } from '@node-rs/argon2';

/** A hash as an installation with weaker settings would have stored it. */
export const makeOldHash = (password: string): Promise<string> =>
  hash(Buffer.from(password.normalize('NFKC')), { algorithm: 2, memoryCost: 4_096, timeCost: 1, parallelism: 1 });
