import { newId, type Unit } from '@atrium/service-kit';
import { createAccountService } from './accounts/account.service.ts';
import { createEmailService } from './emails/email.service.ts';
import { createEmailTokenStore } from './emails/email.token.store.ts';
import type { Announcer } from './revocations/announcer.ts';
import { createRevocations } from './revocations/revocation.service.ts';
import type { SessionLimits } from './sessions/session.limits.ts';
import { createSessionService } from './sessions/session.service.ts';
import { createSessionStore } from './sessions/session.store.ts';
import { createUserStore } from './users/user.store.ts';
import { createInvitationStore } from './invitations/invitation.store.ts';
import { stateOf } from './invitations/invitation.state.ts';
import { hashInvitationToken } from './invitations/invitation.token.ts';
import { createWorkspaceStore } from './workspaces/workspace.store.ts';

/** The clock of the service. */
export const now = (): Date => new Date();

/** What transactions need beyond their unit. */
export interface Means {
  readonly announce: Announcer['announce'];
  readonly sessionLimits: SessionLimits;
}

export const revocationsOf = ({ manager, afterCommit }: Unit, { announce }: Means) =>
  createRevocations({ manager, afterCommit, announce, now, newId });

export const sessionsOf = (unit: Unit, means: Means) =>
  createSessionService({
    sessions: createSessionStore(unit.manager),
    workspaces: createWorkspaceStore(unit.manager, unit.tenant),
    revocations: revocationsOf(unit, means),
    outbox: unit.outbox,
    limits: means.sessionLimits,
    now,
    newId,
  });

export const accountsOf = (unit: Unit, means: Means) =>
  createAccountService({
    users: createUserStore(unit.manager),
    workspaces: createWorkspaceStore(unit.manager, unit.tenant),
    sessions: sessionsOf(unit, means),
    revocations: revocationsOf(unit, means),
    outbox: unit.outbox,
    jobs: unit.jobs,
    async isInvited(token, email) {
      const found = await createInvitationStore(unit.manager, unit.tenant).findByToken(
        hashInvitationToken(token),
        email,
      );
      return found !== null && stateOf(found, now()) === 'open';
    },
    now,
  });

export const emailsOf = (unit: Unit, means: Means, appUrl: string) =>
  createEmailService({
    users: createUserStore(unit.manager),
    tokens: createEmailTokenStore(unit.manager),
    sessions: sessionsOf(unit, means),
    outbox: unit.outbox,
    jobs: unit.jobs,
    appUrl,
    now,
  });
