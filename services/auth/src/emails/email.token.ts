import { createHash, randomBytes } from 'node:crypto';

/** What a mailed link is for, and for how many hours. */
export const linkHours = { verify_email: 24, reset_password: 1 } as const;
export type LinkPurpose = keyof typeof linkHours;

/** A new secret for a link: 256 random bits. */
export const newLinkToken = (): string => randomBytes(32).toString('base64url');

/** What is stored in its place. */
export const hashLinkToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Behind the `#`, so that the secret reaches neither the logs of servers nor other sites. */
export const linkTo = (appUrl: string, purpose: LinkPurpose, token: string): string => {
  const page = { verify_email: 'verify-email', reset_password: 'reset-password' }[purpose];
  return `${appUrl.replace(/\/+$/, '')}/${page}#token=${token}`;
};
