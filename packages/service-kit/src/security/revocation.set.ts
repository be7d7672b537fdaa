import type { Revocation } from '@atrium/contracts';

/** What is asked about: a token, by whom it is for, its session, and when it was issued in epoch milliseconds. */
export interface RevocableToken {
  readonly userId: string;
  readonly sessionId: string | undefined;
  readonly issuedAt: number;
}

const SWEEP_MS = 60_000;

/** The revocations whose tokens have not expired yet; nothing else is kept. */
export const createRevocationSet = (now: () => number) => {
  const sessions = new Map<string, number>();
  const users = new Map<string, { at: number; until: number }>();
  let sweptAt = now();

  const sweep = (): void => {
    sweptAt = now();
    for (const [id, until] of sessions) if (until <= sweptAt) sessions.delete(id);
    for (const [id, { until }] of users) if (until <= sweptAt) users.delete(id);
  };

  return {
    /** Order and repetition do not matter. */
    add(revocations: readonly Revocation[]): void {
      if (now() - sweptAt > SWEEP_MS) sweep();
      for (const { kind, id, at, until } of revocations) {
        if (until <= now()) continue;
        if (kind === 'session') sessions.set(id, Math.max(until, sessions.get(id) ?? 0));
        else if (at > (users.get(id)?.at ?? -Infinity)) users.set(id, { at, until });
      }
    },
    covers({ userId, sessionId, issuedAt }: RevocableToken): boolean {
      if (sessionId !== undefined && sessions.has(sessionId)) return true;
      const user = users.get(userId);
      return user !== undefined && issuedAt <= user.at;
    },
    size: (): number => sessions.size + users.size,
  };
};
