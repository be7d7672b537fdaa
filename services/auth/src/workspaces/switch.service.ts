import type { Role } from '@atrium/contracts';
import {
  noteAudit,
  notFound,
  unauthenticated,
  type Tenant,
  type Transactional,
  type Client,
} from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import { hashRefreshToken } from '../sessions/refresh.token.ts';
import type { Refreshed, SessionService } from '../sessions/session.service.ts';
import type { SessionStore } from '../sessions/session.store.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { Workspace } from './workspace.entity.ts';
import type { WorkspaceStore } from './workspace.store.ts';

type Refused = Exclude<Refreshed['outcome'], 'refreshed'>;

/** What became of a switch. A refusal is told, not thrown, since what it revokes is to be kept. */
type Moved =
  | {
      readonly outcome: 'moved';
      readonly workspace: Workspace;
      readonly role: Role;
      readonly readAt: Date;
      readonly refreshToken?: string;
    }
  | { readonly outcome: Refused | 'foreign' };

/** The rules of taking a session to the tenant, inside one transaction. */
export const createSwitchRules = (parts: {
  accounts: AccountService;
  sessions: SessionService;
  sessionStore: SessionStore;
  workspaces: WorkspaceStore;
  tenant: Tenant;
}) => {
  const { accounts, sessions, sessionStore, workspaces } = parts;
  const { workspaceId, userId = '' } = parts.tenant;

  return {
    /** A refresh token is spent by the same rules as in a refresh: also here a spent one that comes back ends the session. */
    async move(sessionId: string, presented: string | undefined, client: Client): Promise<Moved> {
      // The user before the session, as everybody who locks both does.
      const access = await accounts.holdAccess(userId);
      const session = await sessionStore.lock(sessionId);
      if (!session || session.userId !== userId || session.revokedAt) return { outcome: 'ended' };
      const workspace = await workspaces.find();
      if (!access || !workspace) return { outcome: 'foreign' };
      const entered = { outcome: 'moved', workspace, role: access.member.role, readAt: access.readAt } as const;
      if (presented === undefined) {
        await sessionStore.update(sessionId, { workspaceId });
        return entered;
      }
      const token = await sessionStore.findToken(hashRefreshToken(presented));
      if (token?.sessionId !== sessionId) return { outcome: 'unknown' };
      const refreshed = await sessions.refresh(sessionId, presented, client);
      if (refreshed.outcome !== 'refreshed') return { outcome: refreshed.outcome };
      await sessionStore.update(sessionId, { workspaceId });
      return { ...entered, refreshToken: refreshed.refreshToken };
    },
  };
};
export type SwitchRules = ReturnType<typeof createSwitchRules>;

const CODES: Record<Refused, string> = {
  unknown: 'auth.refresh_unknown',
  expired: 'auth.refresh_expired',
  ended: 'auth.session_ended',
  reused: 'auth.refresh_reused',
};

/** Takes a session to another workspace of its user. It stays one session: its age, its device and its end are the same. */
export const createSwitchService = (parts: { moves: Transactional<SwitchRules>; tokens: AccessTokens }) => ({
  /** @param to.from the caller's own workspace, whose log a refusal belongs to
   * @throws DomainError 401 like a refresh, 404 for a workspace the user may not enter */
  async switch(
    to: { from: string; workspaceId: string; userId: string; sessionId: string },
    presented: string | undefined,
    client: Client,
  ) {
    const { from, workspaceId, userId, sessionId } = to;
    const moved = await parts.moves.run({ workspaceId, userId }, async (rules) => {
      const result = await rules.move(sessionId, presented, client);
      // Who may not enter writes nothing into the log of that workspace.
      if (result.outcome === 'foreign')
        noteAudit({ workspaceId: from, outcome: 'failed', code: 'workspace.not_found' });
      else if (result.outcome !== 'moved')
        noteAudit({ workspaceId: from, outcome: 'denied', code: CODES[result.outcome] });
      return result;
    });
    if (moved.outcome === 'foreign') return notFound('workspace', workspaceId);
    if (moved.outcome !== 'moved')
      throw unauthenticated(CODES[moved.outcome], 'The session cannot go on with this refresh token. Sign in again.');
    const { workspace, role, readAt, refreshToken } = moved;
    return {
      ...parts.tokens.issue({ userId, workspaceId, role, sessionId, readAt }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
      workspace: { id: workspace.id, name: workspace.name, role },
    };
  },
});
export type SwitchService = ReturnType<typeof createSwitchService>;
