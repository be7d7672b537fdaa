import { In, IsNull, LessThan, MoreThan, Not, type EntityManager } from 'typeorm';
import {
  RefreshTokenEntity,
  SessionEntity,
  type RefreshToken,
  type RevokedReason,
  type Session,
} from './session.entity.ts';

/** Which sessions are meant: these, or all of a user, or all of a user but one. */
export type SessionChoice =
  | { readonly ids: readonly string[]; readonly userId?: string; readonly except?: never }
  | { readonly userId: string; readonly except?: string; readonly ids?: never };

/** The tables of sessions and refresh tokens; they have no tenant, since a token is known before its workspace is. */
export const createSessionStore = (manager: EntityManager) => ({
  async add(session: Session): Promise<void> {
    await manager.insert(SessionEntity, session);
  },
  find: (id: string): Promise<Session | null> => manager.findOneBy(SessionEntity, { id }),
  /** Waits until whoever else works on this session is done; everything about a chain of tokens happens under it. */
  lock: (id: string): Promise<Session | null> =>
    manager.findOne(SessionEntity, { where: { id }, lock: { mode: 'pessimistic_write' } }),
  async update(id: string, change: Partial<Session>): Promise<void> {
    await manager.update(SessionEntity, { id }, change);
  },
  /** Ends those that are open. @returns their ids */
  async revoke(
    { ids, userId, except }: SessionChoice,
    revokedReason: RevokedReason,
    revokedAt: Date,
  ): Promise<string[]> {
    const ended = await manager
      .createQueryBuilder()
      .update(SessionEntity)
      .set({ revokedAt, revokedReason })
      .where({
        revokedAt: IsNull(),
        ...(userId === undefined ? {} : { userId }),
        ...(ids ? { id: In(ids) } : {}),
        ...(except === undefined ? {} : { id: Not(except) }),
      })
      .returning('id')
      .execute();
    return (ended.raw as { id: string }[]).map(({ id }) => id);
  },
  /** The open sessions of a user, the one used last first. */
  listOpen: (userId: string, now: Date): Promise<Session[]> =>
    manager.find(SessionEntity, {
      where: { userId, revokedAt: IsNull(), expiresAt: MoreThan(now) },
      order: { lastSeenAt: 'desc', id: 'desc' },
    }),
  /** A page of the open sessions of a user, the newest first, with one more to tell whether there are others. */
  pageOpen(userId: string, now: Date, limit: number, after: string | undefined): Promise<Session[]> {
    return manager.find(SessionEntity, {
      where: { userId, revokedAt: IsNull(), expiresAt: MoreThan(now), ...(after ? { id: LessThan(after) } : {}) },
      order: { id: 'desc' },
      take: limit + 1,
    });
  },

  async addToken(token: RefreshToken): Promise<void> {
    await manager.insert(RefreshTokenEntity, token);
  },
  findToken: (hash: Buffer): Promise<RefreshToken | null> => manager.findOneBy(RefreshTokenEntity, { hash }),
  async spendToken(hash: Buffer, spentAt: Date, sealedSuccessor: Buffer): Promise<void> {
    await manager.update(RefreshTokenEntity, { hash }, { spentAt, sealedSuccessor });
  },
  /** Forgets what can no longer be asked for: successors of tokens spent before `spentBefore`, and expired tokens. */
  async tidy(sessionId: string, spentBefore: Date, now: Date): Promise<void> {
    await manager.update(RefreshTokenEntity, { sessionId, spentAt: LessThan(spentBefore) }, { sealedSuccessor: null });
    await manager.delete(RefreshTokenEntity, { sessionId, expiresAt: LessThan(now) });
  },
});
export type SessionStore = ReturnType<typeof createSessionStore>;
