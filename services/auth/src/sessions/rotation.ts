/** Milliseconds in which a spent token still gets its successor: tabs that refresh at once, an answer that was lost. */
export const GRACE_MS = 10_000;

/** What is known of a presented refresh token and of its session. */
export interface PresentedToken {
  readonly expiresAt: Date;
  readonly spentAt: Date | null;
  /** False when a spent token no longer holds its successor. */
  readonly hasSuccessor: boolean;
  readonly sessionRevokedAt: Date | null;
}

/**
 * What is to be done with a refresh token: `rotate` it, `repeat` its successor, or refuse it, because its session has
 * `ended`, because it has `expired`, or because it was `reused`, which means that two parties hold it.
 */
export type Rotation = 'rotate' | 'repeat' | 'reused' | 'expired' | 'ended';

export const decideRotation = (token: PresentedToken, now: Date, graceMs: number): Rotation => {
  if (token.sessionRevokedAt) return 'ended';
  if (token.spentAt) {
    const inGrace = now.getTime() - token.spentAt.getTime() <= graceMs;
    return inGrace && token.hasSuccessor ? 'repeat' : 'reused';
  }
  return now < token.expiresAt ? 'rotate' : 'expired';
};
