import { isAllowed, MemberJoined, MemberRemoved, type Role } from '@atrium/contracts';
import { conflict, forbidden, notFound, type Outbox, type Tenant } from '@atrium/service-kit';
import type { User } from '../users/user.entity.ts';
import type { Place } from '../workspaces/place.ts';
import type { Member } from '../workspaces/workspace.entity.ts';
import type { WorkspaceStore } from '../workspaces/workspace.store.ts';
import { allowChange, type Standing } from './member.rules.ts';
import type { Filter, MemberStore, Person } from './member.store.ts';

/** Recalls the access tokens of somebody whose rights change; called before they do, in the same transaction. */
export interface UserRevocations {
  user(userId: string): Promise<void>;
}

const standingOf = ({ role, disabledAt }: Member): Standing => ({ role, disabled: Boolean(disabledAt) });

/** The rules of who is in a workspace, inside one transaction of it. */
export const createMemberService = (parts: {
  members: MemberStore;
  workspaces: WorkspaceStore;
  outbox: Outbox;
  revocations: UserRevocations;
  tenant: Tenant;
  now: () => Date;
}) => {
  const { members, workspaces, outbox, revocations, now } = parts;
  const { workspaceId, userId: askerId = '' } = parts.tenant;

  const get = async (userId: string): Promise<Person> =>
    (await members.findPerson(userId)) ?? notFound('member', userId);

  /** The asker's role as it is under the lock: what the token says may be over. */
  const askerRole = async (): Promise<Role> => {
    const asker = await workspaces.findMember(askerId);
    if (!asker) throw forbidden();
    return asker.role;
  };

  /** Holds everybody else who changes members, checks the rules, and tells what the member was and becomes. */
  const decide = async (
    userId: string,
    may: (asker: Role) => boolean,
    next: (before: Standing) => Standing | undefined,
  ): Promise<{ before: Standing; after: Standing | undefined }> => {
    if (!(await members.find(userId))) notFound('member', userId);
    await revocations.user(userId);
    await members.lock();
    const asker = await askerRole();
    if (!may(asker)) throw forbidden();
    const member = (await members.find(userId)) ?? notFound('member', userId);
    const before = standingOf(member);
    const after = next(before);
    const otherOwners = await members.otherOwners(userId);
    allowChange({ asker, self: userId === askerId, before, after, otherOwners });
    return { before, after };
  };

  const remove = async (userId: string, may: (asker: Role) => boolean): Promise<void> => {
    await decide(userId, may, () => undefined);
    await members.remove(userId);
    await members.endSessions(userId, now());
    await outbox.add(MemberRemoved, workspaceId, { workspaceId, userId, removedBy: askerId });
  };

  const mayWrite = (role: Role): boolean => isAllowed('member:write', { role });

  return {
    get,
    list: (filter: Filter, limit: number, after: Place | undefined) => members.list(filter, limit + 1, after),
    presence: (userId: string) => members.presence(userId, now()),

    /** @throws DomainError 403, 404, 409 */
    async change(userId: string, wish: { role?: Role | undefined; disabled?: boolean | undefined }): Promise<Person> {
      const { after } = await decide(userId, mayWrite, (before) => ({
        role: wish.role ?? before.role,
        disabled: wish.disabled ?? before.disabled,
      }));
      if (after) await members.update(userId, { role: after.role, disabledAt: after.disabled ? now() : null });
      if (after?.disabled) await members.endSessions(userId, now());
      return get(userId);
    },

    remove: (userId: string) => remove(userId, mayWrite),

    /** The asker goes. @throws DomainError 404 when they are not there, 409 for the last owner and the last workspace */
    async leave(): Promise<void> {
      if (!(await workspaces.findMember(askerId))) notFound('workspace', workspaceId);
      if ((await workspaces.listOf(askerId)).length === 1)
        throw conflict('member.only_workspace', 'You are in no other workspace. Open one before you leave this one.');
      await remove(askerId, () => true);
    },

    /** Somebody comes in. @throws DomainError 409 `member.exists` */
    async join(user: User, role: Role): Promise<void> {
      await members.lock();
      if (await members.find(user.id)) throw conflict('member.exists', 'You are a member of this workspace already.');
      const { id: userId, email, name, timeZone } = user;
      await workspaces.addMember({ userId, role, createdAt: now() });
      await outbox.add(MemberJoined, workspaceId, { workspaceId, userId, email, name, role, timeZone });
    },
  };
};
export type MemberService = ReturnType<typeof createMemberService>;
