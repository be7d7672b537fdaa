import { WorkspaceCreated } from '@atrium/contracts';
import { conflict, notFound, type Outbox, type Tenant } from '@atrium/service-kit';
import type { UserStore } from '../users/user.store.ts';
import type { Workspace } from './workspace.entity.ts';
import type { MembershipStore } from './membership.store.ts';
import type { Place } from './place.ts';
import type { Membership, WorkspaceStore } from './workspace.store.ts';

/** The rules of workspaces, inside one transaction of one of them. */
export const createWorkspaceService = (parts: {
  workspaces: WorkspaceStore;
  memberships: MembershipStore;
  users: UserStore;
  outbox: Outbox;
  tenant: Tenant;
  now: () => Date;
  mostOwned: number;
}) => {
  const { workspaces, memberships, users, outbox, now } = parts;
  const { workspaceId, userId = '' } = parts.tenant;

  /** @throws DomainError 404 for those who are not in it */
  const get = async (): Promise<Membership> => {
    const [workspace, member] = [await workspaces.find(), await workspaces.findMember(userId)];
    return workspace && member ? { workspace, role: member.role } : notFound('workspace', workspaceId);
  };

  return {
    get,
    list: (limit: number, after: Place | undefined) => memberships.list(userId, limit + 1, after),

    /** Opens the tenant as a workspace of the asker. @throws DomainError 409 `workspace.too_many` */
    async create(name: string): Promise<Workspace> {
      const user = (await users.find(userId)) ?? notFound('user', userId);
      if ((await memberships.lockOwned(userId)) >= parts.mostOwned)
        throw conflict('workspace.too_many', `You own ${parts.mostOwned} workspaces already, which is the most.`);
      const workspace = await workspaces.add({ name, createdAt: now() });
      await workspaces.addMember({ userId, role: 'owner', createdAt: now() });
      const { timeZone } = user;
      await outbox.add(WorkspaceCreated, workspaceId, { workspaceId, ownerId: userId, name, timeZone });
      return workspace;
    },

    async rename(name: string): Promise<Workspace> {
      const { workspace } = await get();
      await workspaces.rename(name);
      return { ...workspace, name };
    },
  };
};
export type WorkspaceService = ReturnType<typeof createWorkspaceService>;
