import type { Role } from '@atrium/contracts';
import { noteAudit } from '@atrium/service-kit';
import type { Client } from '../attempts/client.ts';
import type { UserStore } from '../users/user.store.ts';
import type { WorkspaceStore } from '../workspaces/workspace.store.ts';
import { hashRefreshToken, newRefreshToken, sealSuccessor, unsealSuccessor } from './refresh.token.ts';
import { decideRotation, GRACE_MS } from './rotation.ts';
import type { SessionStore } from './session.store.ts';

/** Milliseconds that a refresh token is good for; using it starts them anew. */
const REFRESH_MS = 7 * 24 * 3_600_000;

/** What became of a refresh. A refusal is told, not thrown, since what it revokes is to be kept. */
export type Refreshed =
  | { readonly outcome: 'refreshed'; readonly refreshToken: string; readonly role: Role; readonly sessionId: string }
  | { readonly outcome: 'unknown' | 'reused' | 'expired' | 'ended' };

/** The rules of sessions, inside one transaction. */
export const createSessionService = (parts: {
  sessions: SessionStore;
  users: UserStore;
  workspaces: WorkspaceStore;
  now: () => Date;
  newId: () => string;
}) => {
  const { sessions, users, workspaces, now, newId } = parts;

  const issue = async (sessionId: string, parent: string | null, issuedAt: Date) => {
    const refreshToken = newRefreshToken();
    const expiresAt = new Date(issuedAt.getTime() + REFRESH_MS);
    await sessions.addToken({
      hash: hashRefreshToken(refreshToken),
      sessionId,
      parentHash: parent === null ? null : hashRefreshToken(parent),
      issuedAt,
      expiresAt,
      spentAt: null,
      sealedSuccessor: null,
    });
    return { refreshToken, expiresAt };
  };

  const rotate = async (sessionId: string, presented: string, client: Client): Promise<string> => {
    const at = now();
    const { refreshToken, expiresAt } = await issue(sessionId, presented, at);
    await sessions.spendToken(hashRefreshToken(presented), at, sealSuccessor(refreshToken, presented));
    await sessions.tidy(sessionId, new Date(at.getTime() - GRACE_MS), at);
    await sessions.update(sessionId, { ...client, lastSeenAt: at, expiresAt });
    return refreshToken;
  };

  /** The role as it is now; none for those who were removed or disabled since. */
  const roleOf = async (userId: string): Promise<Role | undefined> => {
    const [user, member] = [await users.find(userId), await workspaces.findMember(userId)];
    return user && !user.disabledAt ? member?.role : undefined;
  };

  return {
    /** Begins a session and its chain of refresh tokens. */
    async open(userId: string, workspaceId: string, client: Client) {
      const at = now();
      const sessionId = newId();
      const expiresAt = new Date(at.getTime() + REFRESH_MS);
      const times = { createdAt: at, lastSeenAt: at, expiresAt, revokedAt: null, revokedReason: null };
      await sessions.add({ id: sessionId, userId, workspaceId, ...times, ...client });
      noteAudit({ target: sessionId });
      const { refreshToken } = await issue(sessionId, null, at);
      return { sessionId, refreshToken };
    },

    /** The session a token belongs to; undefined when it was never issued or is long gone. */
    async ownerOf(presented: string) {
      const token = await sessions.findToken(hashRefreshToken(presented));
      return token ? ((await sessions.find(token.sessionId)) ?? undefined) : undefined;
    },

    async refresh(sessionId: string, presented: string, client: Client): Promise<Refreshed> {
      const session = await sessions.lock(sessionId);
      // Read under the lock: another request may have spent it a moment ago.
      const token = await sessions.findToken(hashRefreshToken(presented));
      if (!session || !token) return { outcome: 'unknown' };
      const { revokedAt, userId } = session;
      const state = { ...token, hasSuccessor: token.sealedSuccessor !== null, sessionRevokedAt: revokedAt };
      const decision = decideRotation(state, now(), GRACE_MS);
      if (decision === 'reused') {
        await sessions.revoke(sessionId, 'reuse', now());
        noteAudit({ outcome: 'denied', code: 'auth.refresh_reused' });
      }
      if (decision !== 'rotate' && decision !== 'repeat') return { outcome: decision };
      const role = await roleOf(userId);
      if (!role) {
        await sessions.revoke(sessionId, 'access_lost', now());
        noteAudit({ outcome: 'denied', code: 'auth.access_lost' });
        return { outcome: 'ended' };
      }
      const refreshToken = token.sealedSuccessor
        ? unsealSuccessor(token.sealedSuccessor, presented)
        : await rotate(sessionId, presented, client);
      return { outcome: 'refreshed', refreshToken, role, sessionId };
    },

    /** Ends a session; ending it twice changes nothing. */
    end: (sessionId: string) => sessions.revoke(sessionId, 'logout', now()),

    async isOpen(sessionId: string): Promise<boolean> {
      const session = await sessions.find(sessionId);
      return session !== null && session.revokedAt === null;
    },
  };
};
export type SessionService = ReturnType<typeof createSessionService>;
