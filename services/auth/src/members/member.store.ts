import type { Role } from '@atrium/contracts';
import type { Tenant } from '@atrium/service-kit';
import { IsNull, type EntityManager } from 'typeorm';
import { SessionEntity } from '../sessions/session.entity.ts';
import { atOf, type Place } from '../workspaces/place.ts';
import { MemberEntity, type Member } from '../workspaces/workspace.entity.ts';

/** A member with the account behind them. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly joinedAt: Date;
  /** `joinedAt` to the microsecond, for the place in a list. */
  readonly at: string;
}

export interface Filter {
  readonly search?: string | undefined;
  readonly role?: Role | undefined;
}

/** What auth knows of somebody's presence in the workspace. */
export interface Presence {
  readonly openSessions: number;
  readonly sessions: number;
  readonly lastSeenAt: Date | null;
}

const PERSON = `m.user_id as id, u.email, u.name, m.role, m.disabled_at is not null as disabled, m.created_at as "joinedAt",
  ${atOf('m.created_at')}`;

const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** The members of the tenant, also those who are disabled. */
export const createMemberStore = (manager: EntityManager, { workspaceId }: Tenant) => ({
  /** Waits until whoever else changes who is in the workspace is done. Joining sessions do not wait. */
  async lock(): Promise<void> {
    await manager.query('select from workspaces where id = $1 and workspace_id = $1 for no key update', [workspaceId]);
  },
  find: (userId: string): Promise<Member | null> => manager.findOneBy(MemberEntity, { workspaceId, userId }),

  async findPerson(userId: string): Promise<Person | undefined> {
    const rows: Person[] = await manager.query(
      `select ${PERSON} from members m join users u on u.id = m.user_id where m.workspace_id = $1 and m.user_id = $2`,
      [workspaceId, userId],
    );
    return rows[0];
  },

  async hasEmail(email: string): Promise<boolean> {
    const rows: unknown[] = await manager.query(
      `select 1 from members m join users u on u.id = m.user_id where m.workspace_id = $1 and u.email = $2`,
      [workspaceId, email],
    );
    return rows.length > 0;
  },

  /** The longest membership first. */
  list: ({ search, role }: Filter, limit: number, after: Place | undefined): Promise<Person[]> =>
    manager.query(
      `select ${PERSON} from members m join users u on u.id = m.user_id
       where m.workspace_id = $1
         and ($2::text is null or u.email ilike $2 or u.name ilike $2)
         and ($3::text is null or m.role = $3)
         and ($4::timestamptz is null or (m.created_at, m.user_id) > ($4, $5::uuid))
       order by m.created_at, m.user_id limit $6`,
      [
        workspaceId,
        search === undefined ? null : containing(search),
        role ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    ),

  async otherOwners(userId: string): Promise<number> {
    const rows = await manager.findBy(MemberEntity, { workspaceId, role: 'owner', disabledAt: IsNull() });
    return rows.filter((member) => member.userId !== userId).length;
  },

  async update(userId: string, change: Pick<Member, 'role'> & { disabledAt: Date | null }): Promise<void> {
    await manager.update(MemberEntity, { workspaceId, userId }, change);
  },
  async remove(userId: string): Promise<void> {
    await manager.delete(MemberEntity, { workspaceId, userId });
  },

  /** Ends the sessions that somebody has in this workspace. */
  async endSessions(userId: string, revokedAt: Date): Promise<void> {
    const open = { workspaceId, userId, revokedAt: IsNull() };
    await manager.update(SessionEntity, open, { revokedAt, revokedReason: 'access_lost' });
  },

  async presence(userId: string, now: Date): Promise<Presence> {
    const rows: Presence[] = await manager.query(
      `select count(*) filter (where revoked_at is null and expires_at > $3)::int as "openSessions",
         count(*)::int as sessions, max(last_seen_at) as "lastSeenAt"
       from sessions where workspace_id = $1 and user_id = $2`,
      [workspaceId, userId, now],
    );
    return rows[0] ?? { openSessions: 0, sessions: 0, lastSeenAt: null };
  },
});
export type MemberStore = ReturnType<typeof createMemberStore>;
