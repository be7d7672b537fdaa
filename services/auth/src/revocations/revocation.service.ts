import type { Revocation } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import { ACCESS_SECONDS } from '../tokens/access.token.ts';

/** Tokens are taken a little after they expire, by clocks that differ. */
const LEEWAY_MS = 60_000;

/** Recalls access tokens before they expire, inside one transaction; every service knows within a second of the commit. */
export interface Revocations {
  /** Recalls the tokens of these sessions; ending the sessions themselves is up to the caller. */
  sessions(sessionIds: readonly string[]): Promise<void>;
  /**
   * Recalls everything a user was given until now, also what services hold for them; their sessions go on and get new
   * tokens. For what changes their rights. Call it before the change: it waits for sign-ins and refreshes that have
   * read the old rights, and those that come later wait for the end of this transaction.
   */
  user(userId: string): Promise<void>;
  /** Whether everything was recalled from a user at this moment or later; known for as long as access tokens live. */
  recalledSince(userId: string, since: Date): Promise<boolean>;
  /** The waiting alone. */
  waitFor(userId: string): Promise<void>;
}

/** @param announce called after the commit, to tell the other services at once */
export const createRevocations = (parts: {
  manager: EntityManager;
  afterCommit: (work: () => void) => void;
  announce: (revocations: readonly Revocation[]) => void;
  now: () => Date;
  newId: () => string;
}): Revocations => {
  const { manager, now, newId } = parts;

  const add = async (kind: Revocation['kind'], ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return;
    const at = now();
    const until = new Date(at.getTime() + ACCESS_SECONDS * 1000 + LEEWAY_MS);
    await manager.query(
      `insert into revocations (id, kind, subject_id, at, until)
       select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])`,
      [ids.map(newId), ids.map(() => kind), ids, ids.map(() => at), ids.map(() => until)],
    );
    const revocations = ids.map((id) => ({ kind, id, at: at.getTime(), until: until.getTime() }));
    parts.afterCommit(() => parts.announce(revocations));
  };

  const waitFor = async (userId: string): Promise<void> => {
    await manager.query('select from users where id = $1 for update', [userId]);
    await manager.query('select from sessions where user_id = $1 and revoked_at is null order by id for update', [
      userId,
    ]);
  };

  return {
    waitFor,
    async recalledSince(userId, since) {
      const rows: unknown[] = await manager.query(
        `select from revocations where kind = 'user' and subject_id = $1 and at >= $2 limit 1`,
        [userId, since],
      );
      return rows.length > 0;
    },
    sessions: (sessionIds) => add('session', sessionIds),
    async user(userId) {
      await waitFor(userId);
      await add('user', [userId]);
    },
  };
};
