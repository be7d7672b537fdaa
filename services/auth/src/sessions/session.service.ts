import { SessionReuseDetected, type Role } from '@atrium/contracts';
import { noteAudit, notFound, type Outbox, type Client } from '@atrium/service-kit';
import type { Revocations } from '../revocations/revocation.service.ts';
import type { WorkspaceStore } from '../workspaces/workspace.store.ts';
import { hashRefreshToken, newRefreshToken, sealSuccessor, unsealSuccessor } from './refresh.token.ts';
import { decideRotation, GRACE_MS } from './rotation.ts';
import type { RevokedReason, Session } from './session.entity.ts';
import { expiryOf, type SessionLimits } from './session.limits.ts';
import type { SessionChoice, SessionStore } from './session.store.ts';

/** What became of a refresh. A refusal is told, not thrown, since what it revokes is to be kept. */
export type Refreshed =
  | {
      readonly outcome: 'refreshed';
      readonly refreshToken: string;
      readonly role: Role;
      readonly sessionId: string;
      /** When the role was read, and when the session ends. */
      readonly readAt: Date;
      readonly until: Date;
    }
  | { readonly outcome: 'unknown' | 'reused' | 'expired' | 'ended' };

/** The rules of sessions, inside one transaction. */
export const createSessionService = (parts: {
  sessions: SessionStore;
  workspaces: WorkspaceStore;
  revocations: Revocations;
  outbox: Outbox;
  limits: SessionLimits;
  now: () => Date;
  newId: () => string;
}) => {
  const { sessions, workspaces, revocations, limits, now, newId } = parts;

  /** The first token of a session. */
  const issue = async (sessionId: string, issuedAt: Date, expiresAt: Date) => {
    const refreshToken = newRefreshToken();
    const hash = hashRefreshToken(refreshToken);
    const unspent = { parentHash: null, spentAt: null, sealedSuccessor: null };
    await sessions.addToken({ hash, sessionId, issuedAt, expiresAt, ...unspent });
    return refreshToken;
  };

  const rotate = async ({ id: sessionId, createdAt }: Session, presented: string, client: Client) => {
    const at = now();
    const expiresAt = expiryOf(createdAt, at, limits);
    const refreshToken = newRefreshToken();
    await sessions.rotate({
      next: { hash: hashRefreshToken(refreshToken), sessionId, issuedAt: at, expiresAt },
      spent: hashRefreshToken(presented),
      sealedSuccessor: sealSuccessor(refreshToken, presented),
      client,
      spentBefore: new Date(at.getTime() - GRACE_MS),
    });
    return { refreshToken, until: expiresAt };
  };

  /** Ends sessions, and recalls the access tokens that are out. */
  const end = async (which: SessionChoice, reason: RevokedReason): Promise<number> => {
    const ended = await sessions.revoke(which, reason, now());
    await revocations.sessions(ended);
    return ended.length;
  };

  const tellOfReuse = (session: Session, client: Client): Promise<void> =>
    parts.outbox.add(SessionReuseDetected, session.id, {
      userId: session.userId,
      sessionId: session.id,
      detectedAt: now().toISOString(),
      ...client,
    });

  /** Ends the sessions unused for longest, so that one more fits in. */
  const makeRoom = async (userId: string): Promise<void> => {
    if (limits.perUser === 0) return;
    const open = await sessions.listOpen(userId, now());
    const tooMany = open.slice(limits.perUser - 1).map(({ id }) => id);
    if (tooMany.length > 0) await end({ ids: tooMany, userId }, 'limit');
  };

  return {
    /** Begins a session and its chain of refresh tokens. */
    async open(userId: string, workspaceId: string, client: Client) {
      const at = now();
      const sessionId = newId();
      const expiresAt = expiryOf(at, at, limits);
      await makeRoom(userId);
      const times = { createdAt: at, lastSeenAt: at, expiresAt, revokedAt: null, revokedReason: null };
      await sessions.add({ id: sessionId, userId, workspaceId, ...times, ...client });
      noteAudit({ target: sessionId });
      const refreshToken = await issue(sessionId, at, expiresAt);
      return { sessionId, refreshToken, readAt: at, until: expiresAt };
    },

    async refresh(sessionId: string, presented: string, client: Client): Promise<Refreshed> {
      const session = await sessions.lock(sessionId);
      // Read under the lock: another request may have spent it a moment ago.
      const token = await sessions.findToken(hashRefreshToken(presented));
      if (!session || !token) return { outcome: 'unknown' };
      const { revokedAt, userId } = session;
      const latest = expiryOf(session.createdAt, now(), limits);
      const expiresAt = token.expiresAt < latest ? token.expiresAt : latest;
      const state = { ...token, expiresAt, hasSuccessor: token.sealedSuccessor !== null, sessionRevokedAt: revokedAt };
      const decision = decideRotation(state, now(), GRACE_MS);
      if (decision === 'reused') {
        await end({ ids: [sessionId] }, 'reuse');
        await tellOfReuse(session, client);
        noteAudit({ outcome: 'denied', code: 'auth.refresh_reused' });
      }
      if (decision !== 'rotate' && decision !== 'repeat') return { outcome: decision };
      // Under the lock of the session, so that a change of rights either is seen here or recalls what is issued here.
      const readAt = now();
      const role = await workspaces.roleOf(userId);
      if (!role) {
        await end({ ids: [sessionId] }, 'access_lost');
        noteAudit({ outcome: 'denied', code: 'auth.access_lost' });
        return { outcome: 'ended' };
      }
      const next = token.sealedSuccessor
        ? { refreshToken: unsealSuccessor(token.sealedSuccessor, presented), until: session.expiresAt }
        : await rotate(session, presented, client);
      return { outcome: 'refreshed', ...next, role, sessionId, readAt };
    },

    /** Ends a session; ending it twice changes nothing. */
    end: (sessionId: string) => end({ ids: [sessionId] }, 'logout'),

    /** Ends a session of this user. @throws DomainError 404 when there is none that is open */
    async remove(userId: string, sessionId: string): Promise<void> {
      if ((await end({ ids: [sessionId], userId }, 'logout')) === 0) notFound('session', sessionId);
    },

    /**
     * Ends every session of a user, or all but one. Nobody signs in or refreshes meanwhile.
     * @param keep the session that goes on
     */
    async endAll(userId: string, reason: RevokedReason, keep?: string): Promise<void> {
      await revocations.waitFor(userId);
      await end({ userId, ...(keep === undefined ? {} : { except: keep }) }, reason);
    },

    /** Ends every session of a user, and recalls what services hold for them. */
    async leaveEverywhere(userId: string, reason: RevokedReason): Promise<void> {
      await revocations.user(userId);
      await end({ userId }, reason);
    },

    list: (userId: string, limit: number, after: string | undefined) => sessions.pageOpen(userId, now(), limit, after),

    async isOpen(sessionId: string): Promise<boolean> {
      const session = await sessions.find(sessionId);
      return session !== null && session.revokedAt === null;
    },
  };
};
export type SessionService = ReturnType<typeof createSessionService>;
