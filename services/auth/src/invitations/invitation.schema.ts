import { roles } from '@atrium/contracts';
import { pageOf } from '@atrium/service-kit';
import { z } from 'zod';
import { Email } from '../users/user.schema.ts';
import type { Invitation } from './invitation.entity.ts';
import { invitationStates, stateOf } from './invitation.state.ts';

const Id = z.uuid().toLowerCase();
export const InvitationParams = z.strictObject({ id: Id, invitationId: Id });

export const Invite = z.strictObject({ email: Email, role: z.enum(roles) });

export const AcceptInvitation = z.strictObject({ token: z.string().min(1).max(200) });

export const InvitationView = z
  .object({
    id: z.uuid(),
    email: z.email(),
    role: z.enum(roles),
    state: z.enum(invitationStates),
    invitedBy: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });

/** The token is told this once, for those who send it by another way than mail. */
export const NewInvitation = InvitationView.extend({ token: z.string() }).meta({ id: 'NewInvitation' });
export const InvitationPage = pageOf(InvitationView).meta({ id: 'InvitationPage' });

export const viewInvitation =
  (now: Date) =>
  (row: Omit<Invitation, 'tokenHash' | 'mailTokenHash' | 'workspaceId'>): z.input<typeof InvitationView> => ({
    id: row.id,
    email: row.email,
    role: row.role,
    state: stateOf(row, now),
    invitedBy: row.invitedBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  });
