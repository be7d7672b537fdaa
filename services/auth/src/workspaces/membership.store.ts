import type { Role } from '@atrium/contracts';
import type { EntityManager } from 'typeorm';
import { atOf, type Place } from './place.ts';

/** A workspace in the list of its member; `at` says when they joined, to the microsecond. */
export interface OwnWorkspace {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly at: string;
}

/** What a user is in, over all workspaces; row-level security shows these rows to the user alone. */
export const createMembershipStore = (manager: EntityManager) => ({
  list: (userId: string, limit: number, after: Place | undefined): Promise<OwnWorkspace[]> =>
    manager.query(
      `select w.id, w.name, m.role, ${atOf('m.created_at')}
       from members m join workspaces w on w.id = m.workspace_id
       where m.user_id = $1 and m.disabled_at is null
         and ($2::timestamptz is null or (m.created_at, w.id) > ($2, $3::uuid))
       order by m.created_at, w.id limit $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    ),

  /** How many workspaces a user owns; others who count or add wait for the end of the transaction. */
  async lockOwned(userId: string): Promise<number> {
    await manager.query('select from users where id = $1 for no key update', [userId]);
    const [row]: [{ owned: number }] = await manager.query(
      `select count(*)::int as owned from members where user_id = $1 and role = 'owner'`,
      [userId],
    );
    return row.owned;
  },
});
export type MembershipStore = ReturnType<typeof createMembershipStore>;
