import { newId, transactional, type DataRuntime, type Unit, type ClientOf } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import { invitationMailHandler } from '../invitations/invitation.mail.ts';
import { createInvitationService } from '../invitations/invitation.service.ts';
import { invitationRoutes } from '../invitations/invitation.routes.ts';
import { createInvitationStore } from '../invitations/invitation.store.ts';
import type { MailTransport } from '../mail/mail.transport.ts';
import { memberRoutes } from '../members/member.routes.ts';
import { createMemberService, type UserRevocations } from '../members/member.service.ts';
import { createMemberStore } from '../members/member.store.ts';
import { permissionRoutes } from '../permissions/permission.routes.ts';
import { profileRoutes } from '../profiles/profile.routes.ts';
import { createProfileService } from '../profiles/profile.service.ts';
import { createProfileStore } from '../profiles/profile.store.ts';
import type { SessionService } from '../sessions/session.service.ts';
import { createSessionStore } from '../sessions/session.store.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import { directoryRoutes } from '../users/directory.routes.ts';
import { createUserStore } from '../users/user.store.ts';
import { createMembershipStore } from './membership.store.ts';
import { createSwitchRules, createSwitchService } from './switch.service.ts';
import { workspaceRoutes } from './workspace.routes.ts';
import { createWorkspaceService } from './workspace.service.ts';
import { createWorkspaceStore } from './workspace.store.ts';

/** Workspaces, who is in them, and what those people say about themselves: built from the unit of each transaction. */
export const composeWorkspaces = (parts: {
  runtime: DataRuntime;
  tokens: AccessTokens;
  accountsOf: (unit: Unit) => AccountService;
  sessionsOf: (unit: Unit) => SessionService;
  revocationsOf: (unit: Unit) => UserRevocations;
  mail: MailTransport;
  appUrl: string;
  clientOf: ClientOf;
  now: () => Date;
  mostOwned: number;
  invitationDays: number;
}) => {
  const { runtime, tokens, accountsOf, sessionsOf, revocationsOf, clientOf, now } = parts;

  const storesOf = ({ manager, tenant }: Unit) => ({
    users: createUserStore(manager),
    workspaces: createWorkspaceStore(manager, tenant),
    members: createMemberStore(manager, tenant),
  });
  const membersOf = (unit: Unit) => {
    const { outbox, tenant } = unit;
    return createMemberService({ ...storesOf(unit), outbox, tenant, now, revocations: revocationsOf(unit) });
  };
  const workspacesOf = (unit: Unit) =>
    createWorkspaceService({
      ...storesOf(unit),
      memberships: createMembershipStore(unit.manager),
      outbox: unit.outbox,
      tenant: unit.tenant,
      now,
      mostOwned: parts.mostOwned,
    });
  const invitationsOf = (unit: Unit) =>
    createInvitationService({
      ...storesOf(unit),
      invitations: createInvitationStore(unit.manager, unit.tenant),
      joining: membersOf(unit),
      jobs: unit.jobs,
      appUrl: parts.appUrl,
      tenant: unit.tenant,
      now,
      newId,
      days: parts.invitationDays,
    });
  const movesOf = (unit: Unit) =>
    createSwitchRules({
      accounts: accountsOf(unit),
      sessions: sessionsOf(unit),
      sessionStore: createSessionStore(unit.manager),
      workspaces: createWorkspaceStore(unit.manager, unit.tenant),
      tenant: unit.tenant,
    });
  const profilesOf = ({ manager, tenant: { userId = '' } }: Unit) =>
    createProfileService(createProfileStore(manager, userId), userId);

  const invitations = transactional(runtime, invitationsOf);
  return {
    invitationMail: invitationMailHandler({ invitations, mail: parts.mail }),
    clientOf,
    now,
    newId,
    members: transactional(runtime, membersOf),
    workspaces: transactional(runtime, workspacesOf),
    invitations,
    profiles: transactional(runtime, profilesOf),
    switching: createSwitchService({ moves: transactional(runtime, movesOf), tokens }),
  };
};
type WorkspaceFeatures = ReturnType<typeof composeWorkspaces>;

export const workspaceFeatureRoutes = (features: WorkspaceFeatures) => [
  ...permissionRoutes(),
  ...workspaceRoutes(features),
  ...memberRoutes(features),
  ...invitationRoutes(features),
  ...directoryRoutes(features),
  ...profileRoutes(features),
];
