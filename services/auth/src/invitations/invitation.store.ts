import type { Tenant } from '@atrium/service-kit';
import { IsNull, MoreThan, type EntityManager } from 'typeorm';
import { atOf, type Place } from '../workspaces/place.ts';
import { InvitationEntity, type Invitation } from './invitation.entity.ts';

/** An invitation in a list; `at` is `createdAt` to the microsecond. */
export type Listed = Omit<Invitation, 'tokenHash' | 'mailTokenHash' | 'workspaceId'> & { readonly at: string };

/** The table of invitations; the one they are for sees theirs from every workspace. */
export const createInvitationStore = (manager: EntityManager, { workspaceId }: Tenant) => ({
  async add(invitation: Omit<Invitation, 'workspaceId'>): Promise<void> {
    await manager.insert(InvitationEntity, { ...invitation, workspaceId });
  },
  lock: (id: string): Promise<Invitation | null> =>
    manager.findOne(InvitationEntity, { where: { workspaceId, id }, lock: { mode: 'pessimistic_write' } }),
  /** In whatever workspace it is, for the one whose address it names. */
  findByToken: (tokenHash: Buffer, email: string): Promise<Invitation | null> =>
    manager.findOneBy(InvitationEntity, [
      { tokenHash, email },
      { mailTokenHash: tokenHash, email },
    ]),
  async update(
    id: string,
    change: Partial<Pick<Invitation, 'acceptedAt' | 'revokedAt' | 'mailTokenHash'>>,
  ): Promise<void> {
    await manager.update(InvitationEntity, { workspaceId, id }, change);
  },
  /** Takes back what an address was sent before. */
  async revokeOpen(email: string, revokedAt: Date): Promise<void> {
    const open = { workspaceId, email, acceptedAt: IsNull(), revokedAt: IsNull() };
    await manager.update(InvitationEntity, open, { revokedAt });
  },
  countOpen: (now: Date): Promise<number> =>
    manager.countBy(InvitationEntity, {
      workspaceId,
      acceptedAt: IsNull(),
      revokedAt: IsNull(),
      expiresAt: MoreThan(now),
    }),

  /** The latest first. */
  list: (limit: number, after: Place | undefined): Promise<Listed[]> =>
    manager.query(
      `select id, email, role, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt",
         accepted_at as "acceptedAt", revoked_at as "revokedAt",
         ${atOf('created_at')}
       from invitations
       where workspace_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
       order by created_at desc, id desc limit $4`,
      [workspaceId, after?.at ?? null, after?.id ?? null, limit],
    ),
});
export type InvitationStore = ReturnType<typeof createInvitationStore>;
