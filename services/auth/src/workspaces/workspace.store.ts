import type { Tenant } from '@atrium/service-kit';
import { In, IsNull, type EntityManager } from 'typeorm';
import { MemberEntity, WorkspaceEntity, type Member, type Workspace } from './workspace.entity.ts';

/** A workspace as one of its members sees it. */
export interface Membership {
  readonly workspace: Workspace;
  readonly role: Member['role'];
}

/** The tables of workspaces and members. */
export const createWorkspaceStore = (manager: EntityManager, { workspaceId }: Tenant) => ({
  async add(workspace: Pick<Workspace, 'name' | 'createdAt'>): Promise<Workspace> {
    const row = { ...workspace, id: workspaceId, workspaceId };
    await manager.insert(WorkspaceEntity, row);
    return row;
  },
  find: (): Promise<Workspace | null> => manager.findOneBy(WorkspaceEntity, { workspaceId, id: workspaceId }),
  async rename(name: string): Promise<void> {
    await manager.update(WorkspaceEntity, { workspaceId, id: workspaceId }, { name });
  },
  async addMember(member: Omit<Member, 'workspaceId'>): Promise<void> {
    await manager.insert(MemberEntity, { ...member, workspaceId });
  },
  /** The membership of somebody who may enter. */
  findMember: (userId: string): Promise<Member | null> =>
    manager.findOneBy(MemberEntity, { workspaceId, userId, disabledAt: IsNull() }),

  /** The role as it is now; none for those who were removed or disabled, here or altogether. */
  async roleOf(userId: string): Promise<Member['role'] | undefined> {
    const [member] = await manager.query<Pick<Member, 'role'>[]>(
      `select m.role from members m join users u on u.id = m.user_id
        where m.workspace_id = $1 and m.user_id = $2 and m.disabled_at is null and u.disabled_at is null`,
      [workspaceId, userId],
    );
    return member?.role;
  },

  /** Every workspace a user may enter, the oldest membership first; the one query that crosses workspaces, by its user. */
  async listOf(userId: string): Promise<Membership[]> {
    const members = await manager.find(MemberEntity, {
      where: { userId, disabledAt: IsNull() },
      order: { createdAt: 'asc', workspaceId: 'asc' },
    });
    const ids = members.map((member) => member.workspaceId);
    const workspaces = await manager.findBy(WorkspaceEntity, { id: In(ids) });
    const byId = new Map(workspaces.map((workspace) => [workspace.id, workspace]));
    return members.flatMap(({ workspaceId: id, role }) => {
      const workspace = byId.get(id);
      return workspace ? [{ workspace, role }] : [];
    });
  },
});
export type WorkspaceStore = ReturnType<typeof createWorkspaceStore>;
