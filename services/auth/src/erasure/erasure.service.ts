import { randomBytes } from 'node:crypto';
import { ErasureRequested } from '@atrium/contracts';
import {
  conflict,
  enterTenant,
  forbidden,
  invalid,
  noteErased,
  notFound,
  outsideWorkspaces,
  unauthenticated,
  type Unit,
  type Vault,
} from '@atrium/service-kit';
import type { UserRevocations } from '../members/member.service.ts';
import type { SessionService } from '../sessions/session.service.ts';
import { Locale } from '../users/user.schema.ts';
import { createUserStore } from '../users/user.store.ts';
import { createWorkspaceStore } from '../workspaces/workspace.store.ts';
import { sha256 } from './erasure.certificate.ts';
import { erasureMail, placeOfContact, type Contact } from './erasure.mail.job.ts';
import { reachOf, requireNoneBlocking, type Reach } from './erasure.rules.ts';
import { createErasureStore, createSubjectStore, hashErasureToken } from './erasure.store.ts';

/** What is shown once: where the progress is, and the token that opens it. */
export interface Begun {
  readonly id: string;
  readonly token: string;
}

/**
 * Begins erasures, inside one transaction without a tenant: the event must not carry one. It enters the workspaces
 * concerned one after another.
 */
export const createErasureService = (parts: {
  unit: Unit;
  sessions: Pick<SessionService, 'leaveEverywhere'>;
  revocations: UserRevocations;
  /** Undefined without keys; then nobody can be written to about it. */
  vault: Vault | undefined;
  now: () => Date;
  newId: () => string;
}) => {
  const { unit, sessions, revocations, vault, now, newId } = parts;
  const { manager, outbox, jobs } = unit;
  const [users, subjects, erasures] = [
    createUserStore(manager),
    createSubjectStore(manager),
    createErasureStore(manager),
  ];
  const enter = (workspaceId: string, userId: string) => enterTenant(manager, { workspaceId, userId });
  const leave = () => enterTenant(manager, outsideWorkspaces());

  const begin = async (
    id: string,
    request: Omit<Reach, 'blocking'> & {
      scope: 'user' | 'workspace';
      userId: string | null;
      requestedBy: string | null;
    },
    contact: Contact,
  ): Promise<Begun> => {
    await leave();
    const { scope, userId, workspaces, shared, requestedBy } = request;
    const token = randomBytes(32).toString('base64url');
    await erasures.add({
      id,
      scope,
      subjectHash: sha256(userId ?? workspaces[0] ?? ''),
      tokenHash: hashErasureToken(token),
      requestedBy,
      sealedContact: vault?.seal(JSON.stringify(contact), placeOfContact(id)) ?? null,
      requestedAt: now(),
    });
    const everywhere = { workspaces: [...workspaces], shared: [...shared] };
    await outbox.add(ErasureRequested, id, { erasureId: id, scope, userId, ...everywhere });
    if (vault) await jobs.add(erasureMail, { erasureId: id, letter: 'began' });
    return { id, token };
  };

  return {
    /** @throws DomainError 401, 409 `erasure.last_owner`, 422 `erasure.not_confirmed` */
    async eraseUser(userId: string, confirmation: string): Promise<Begun> {
      await sessions.leaveEverywhere(userId, 'access_lost');
      const user = await users.find(userId);
      if (!user || user.disabledAt)
        throw unauthenticated('auth.session_ended', 'The session has ended. Sign in again.');
      if (user.email !== confirmation.trim().toLowerCase())
        throw invalid('erasure.not_confirmed', 'Send the email address of your account as "confirm".');
      const standings = [];
      for (const workspaceId of await subjects.workspacesEver(userId)) {
        await enter(workspaceId, userId);
        const standing = await subjects.standing(workspaceId, userId);
        if (standing) standings.push(standing);
      }
      const reach = reachOf(standings);
      requireNoneBlocking(reach);
      const id = newId();
      for (const workspaceId of reach.workspaces) {
        await enter(workspaceId, userId);
        await subjects.markWorkspace(workspaceId);
      }
      await enterTenant(manager, outsideWorkspaces(userId));
      const removed = await subjects.removeEntrances(userId, user.email);
      for (const [kind, count] of Object.entries(removed)) await noteErased(manager, id, kind, count);
      await subjects.markUser(userId);
      const { email, name } = user;
      return begin(
        id,
        { ...reach, scope: 'user', userId, requestedBy: null },
        { email, name, locale: Locale.parse(user.locale), workspace: null },
      );
    },

    /** @throws DomainError 403, 404, 409 `erasure.only_workspace`, 422 `erasure.not_confirmed` */
    async eraseWorkspace(workspaceId: string, userId: string, confirmation: string): Promise<Begun> {
      await enter(workspaceId, userId);
      // People before the workspace, as everywhere; who joins in between is waited for and looked at again.
      const recalled = new Set<string>();
      const recall = async (): Promise<void> => {
        for (const id of await subjects.memberIds(workspaceId)) {
          if (!recalled.has(id)) await revocations.user(id);
          recalled.add(id);
        }
      };
      await recall();
      const standing = (await subjects.standing(workspaceId, userId)) ?? notFound('workspace', workspaceId);
      await recall();
      if (standing.role !== 'owner') throw forbidden('Only an owner can delete the workspace.');
      if (standing.name !== confirmation.trim())
        throw invalid('erasure.not_confirmed', 'Send the name of the workspace as "confirm".');
      if ((await createWorkspaceStore(manager, { workspaceId }).listOf(userId)).length === 1)
        throw conflict(
          'erasure.only_workspace',
          'You are in no other workspace. Open one first, or delete your account.',
        );
      const user = (await users.find(userId)) ?? notFound('user', userId);
      for (const id of recalled) {
        await enterTenant(manager, outsideWorkspaces(id));
        await subjects.leaveWith(id, workspaceId);
      }
      await enter(workspaceId, userId);
      const id = newId();
      await noteErased(manager, id, 'members', await subjects.removeMembers(workspaceId));
      await subjects.markWorkspace(workspaceId);
      const { email, name } = user;
      return begin(
        id,
        { scope: 'workspace', userId: null, requestedBy: userId, workspaces: [workspaceId], shared: [] },
        { email, name, locale: Locale.parse(user.locale), workspace: standing.name },
      );
    },
  };
};
export type ErasureService = ReturnType<typeof createErasureService>;
