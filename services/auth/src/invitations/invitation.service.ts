import { isAllowed, type Role } from '@atrium/contracts';
import { conflict, forbidden, notFound, type JobQueue, type Tenant } from '@atrium/service-kit';
import { writeLetter, type Letter } from '../mail/letter.ts';
import type { MemberService } from '../members/member.service.ts';
import type { MemberStore } from '../members/member.store.ts';
import { Locale } from '../users/user.schema.ts';
import type { UserStore } from '../users/user.store.ts';
import type { Place } from '../workspaces/place.ts';
import type { Membership, WorkspaceStore } from '../workspaces/workspace.store.ts';
import type { Invitation } from './invitation.entity.ts';
import { invitationLetter } from './invitation.letter.ts';
import { invitationMail } from './invitation.mail.job.ts';
import { stateOf } from './invitation.state.ts';
import type { InvitationStore } from './invitation.store.ts';
import { hashInvitationToken, newInvitationToken } from './invitation.token.ts';

/** Each one is a mail to somebody who did not ask for it. */
const MOST_OPEN = 200;
const DAY_MS = 86_400_000;

const spent = (state: 'accepted' | 'revoked' | 'expired') =>
  conflict(`invitation.${state}`, `The invitation is ${state}. Ask for another one.`);

/** The rules of invitations, inside one transaction. */
export const createInvitationService = (parts: {
  invitations: InvitationStore;
  members: MemberStore;
  joining: MemberService;
  workspaces: WorkspaceStore;
  users: UserStore;
  jobs: JobQueue;
  /** Where the page that accepts invitations is. */
  appUrl: string;
  tenant: Tenant;
  now: () => Date;
  newId: () => string;
  days: number;
}) => {
  const { invitations, members, joining, workspaces, users, now } = parts;
  const { userId = '' } = parts.tenant;

  return {
    list: (limit: number, after: Place | undefined) => invitations.list(limit + 1, after),

    /** Asks somebody in; what they were sent before is no longer good. @throws DomainError 403, 409 */
    async invite(email: string, role: Role): Promise<{ invitation: Invitation; token: string }> {
      await members.lock();
      const [asker, inviter, workspace] = [
        await workspaces.findMember(userId),
        await users.find(userId),
        await workspaces.find(),
      ];
      if (!asker || !inviter || !workspace || !isAllowed('invitation:write', { role: asker.role })) throw forbidden();
      if (role === 'owner' && asker.role !== 'owner') throw forbidden('Only an owner makes owners.');
      if (await members.hasEmail(email)) throw conflict('member.exists', 'This person is a member already.');
      const createdAt = now();
      await invitations.revokeOpen(email, createdAt);
      if ((await invitations.countOpen(createdAt)) >= MOST_OPEN)
        throw conflict('invitation.too_many', `There are ${MOST_OPEN} open invitations. Revoke some of them first.`);
      const token = newInvitationToken();
      const row = {
        id: parts.newId(),
        email,
        role,
        tokenHash: hashInvitationToken(token),
        mailTokenHash: null,
        invitedBy: userId,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + parts.days * DAY_MS),
        acceptedAt: null,
        revokedAt: null,
      };
      await invitations.add(row);
      await parts.jobs.add(invitationMail, { invitationId: row.id });
      return { invitation: { ...row, workspaceId: workspace.id }, token };
    },

    /**
     * The mail about an invitation, while it is open. It gets a token of its own, made at this moment, so that none
     * waits in a job.
     */
    async writeMail(id: string): Promise<Letter | undefined> {
      const invitation = await invitations.lock(id);
      const workspace = await workspaces.find();
      if (!invitation || !workspace || stateOf(invitation, now()) !== 'open') return undefined;
      const [known, inviter] = [
        await users.findByEmail(invitation.email),
        invitation.invitedBy === null ? null : await users.find(invitation.invitedBy),
      ];
      const token = newInvitationToken();
      await invitations.update(id, { mailTokenHash: hashInvitationToken(token) });
      return writeLetter(invitationLetter, {
        to: invitation.email,
        locale: Locale.parse((known ?? inviter)?.locale ?? 'en'),
        values: { inviter: inviter?.name ?? workspace.name, workspace: workspace.name, days: String(parts.days) },
        link: `${parts.appUrl.replace(/\/$/, '')}/invitations#token=${token}`,
      });
    },

    /** @throws DomainError 404, 409 when it can no longer be taken back */
    async revoke(id: string): Promise<void> {
      const invitation = (await invitations.lock(id)) ?? notFound('invitation', id);
      const state = stateOf(invitation, now());
      if (state === 'accepted') throw spent(state);
      if (state !== 'revoked') await invitations.update(id, { revokedAt: now() });
    },

    /** The invitation of a token, if it is for the asker. */
    async find(token: string): Promise<Invitation | undefined> {
      const user = await users.find(userId);
      if (!user || user.disabledAt) return undefined;
      return (await invitations.findByToken(hashInvitationToken(token), user.email)) ?? undefined;
    },

    /** The asker comes in, in the role they were asked for. @throws DomainError 404, 409 */
    async accept(id: string): Promise<Membership> {
      await members.lock();
      const [user, workspace] = [await users.find(userId), await workspaces.find()];
      const invitation = await invitations.lock(id);
      if (!user || !workspace || invitation?.email !== user.email) return notFound('invitation', id);
      const state = stateOf(invitation, now());
      if (state !== 'open') throw spent(state);
      await invitations.update(id, { acceptedAt: now() });
      await joining.join(user, invitation.role);
      return { workspace, role: invitation.role };
    },
  };
};
export type InvitationService = ReturnType<typeof createInvitationService>;
