import { createHash } from 'node:crypto';

/** What a sign-in stands on that has not ended yet. What was true when it began must be true when it ends. */
export interface FirstStep {
  readonly passwordMark: string;
  /** When it began, for one that pauses for a second step: whatever was recalled since ends it too. */
  readonly begunAt?: Date;
}

/** Changes with the password, and says nothing about it. */
export const markOf = (passwordHash: string): string => createHash('sha256').update(passwordHash).digest('base64url');
