import { createHash, randomBytes } from 'node:crypto';

/** A new invitation token: 256 random bits. */
export const newInvitationToken = (random: (bytes: number) => Buffer = randomBytes): string =>
  random(32).toString('base64url');

/** What is stored in place of it. */
export const hashInvitationToken = (token: string): Buffer => createHash('sha256').update(token).digest();
