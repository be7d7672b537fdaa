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

/** What one rotation writes: the new token, what becomes of the one it replaces, and what the session now shows. */
export interface Rotated {
  readonly next: Pick<RefreshToken, 'hash' | 'sessionId' | 'issuedAt' | 'expiresAt'>;
  /** Hash of the token that is spent, and its successor, sealed. */
  readonly spent: Buffer;
  readonly sealedSuccessor: Buffer;
  readonly client: Pick<Session, 'ip' | 'userAgent'>;
  /** Tokens spent before it lose their successors. */
  readonly spentBefore: Date;
}

// Refreshing is what is asked for most often, so its statements are written out instead of being put together each time.
const SESSION = `select id, user_id as "userId", workspace_id as "workspaceId", created_at as "createdAt",
  last_seen_at as "lastSeenAt", expires_at as "expiresAt", revoked_at as "revokedAt",
  revoked_reason as "revokedReason", user_agent as "userAgent", ip from sessions`;
const TOKEN = `select hash, session_id as "sessionId", parent_hash as "parentHash", issued_at as "issuedAt",
  expires_at as "expiresAt", spent_at as "spentAt", sealed_successor as "sealedSuccessor" from refresh_tokens`;

/** Its parts touch different rows: the new token, the spent one, those spent earlier, those that have expired. */
const ROTATE = `
  with spent as (
    update refresh_tokens set spent_at = $5, sealed_successor = $6 where hash = $3
  ), forgotten as (
    update refresh_tokens set sealed_successor = null
     where session_id = $2 and spent_at < $7 and sealed_successor is not null and expires_at >= $5
  ), expired as (
    delete from refresh_tokens where session_id = $2 and expires_at < $5
  ), seen as (
    update sessions set last_seen_at = $5, expires_at = $4, ip = $8, user_agent = $9 where id = $2
  )
  insert into refresh_tokens (hash, session_id, parent_hash, issued_at, expires_at) values ($1, $2, $3, $5, $4)`;

/** The tables of sessions and refresh tokens; they have no tenant, since a token is known before its workspace is. */
export const createSessionStore = (manager: EntityManager) => ({
  async add(session: Session): Promise<void> {
    await manager.insert(SessionEntity, session);
  },
  find: (id: string): Promise<Session | null> => manager.findOneBy(SessionEntity, { id }),
  /** Waits until whoever else works on this session is done; everything about a chain of tokens happens under it. */
  async lock(id: string): Promise<Session | null> {
    const [session] = await manager.query<Session[]>(`${SESSION} where id = $1 for update`, [id]);
    return session ?? null;
  },
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
  async findToken(hash: Buffer): Promise<RefreshToken | null> {
    const [token] = await manager.query<RefreshToken[]>(`${TOKEN} where hash = $1`, [hash]);
    return token ?? null;
  },
  /** The session of a token, whatever has become of either. */
  async ownerOf(hash: Buffer): Promise<Session | null> {
    const [session] = await manager.query<Session[]>(
      `${SESSION} where id = (select session_id from refresh_tokens where hash = $1)`,
      [hash],
    );
    return session ?? null;
  },
  /**
   * Gives a token its successor in one statement, and forgets what can no longer be asked for: successors of tokens
   * spent before `spentBefore`, and expired tokens. Under the lock of the session.
   */
  async rotate({ next, spent, sealedSuccessor, client, spentBefore }: Rotated): Promise<void> {
    const { hash, sessionId, issuedAt, expiresAt } = next;
    const { ip, userAgent } = client;
    const written = [hash, sessionId, spent, expiresAt, issuedAt, sealedSuccessor, spentBefore, ip, userAgent];
    await manager.query(ROTATE, written);
  },
});
export type SessionStore = ReturnType<typeof createSessionStore>;
