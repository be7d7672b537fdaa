import { roles } from '@atrium/contracts';
import { pageOf } from '@atrium/service-kit';
import { z } from 'zod';
import type { Person, Presence } from '../members/member.store.ts';

const Role = z.enum(roles);

export const UserParams = z.strictObject({ id: z.uuid().toLowerCase() });

export const ChangeUser = z
  .strictObject({
    role: Role.optional(),
    /** Whether the user may enter this workspace; their other workspaces are not touched. */
    disabled: z.boolean().optional(),
  })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, 'Send a role, or disabled, or both.');

export const WorkspaceUserView = z
  .object({
    id: z.uuid(),
    email: z.email(),
    name: z.string(),
    role: Role,
    disabled: z.boolean(),
    joinedAt: z.iso.datetime(),
  })
  .meta({ id: 'WorkspaceUser' });
export const WorkspaceUserPage = pageOf(WorkspaceUserView).meta({ id: 'WorkspaceUserPage' });

export const viewWorkspaceUser = ({ joinedAt, ...person }: Person): z.input<typeof WorkspaceUserView> => ({
  ...person,
  joinedAt: joinedAt.toISOString(),
});

/** Counts are of this workspace. */
export const UserStats = z
  .object({
    id: z.uuid(),
    role: Role,
    disabled: z.boolean(),
    joinedAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime().nullable(),
    sessions: z.object({ open: z.int(), total: z.int() }),
  })
  .meta({ id: 'UserStats' });

export const viewUserStats = (person: Person, presence: Presence): z.input<typeof UserStats> => ({
  id: person.id,
  role: person.role,
  disabled: person.disabled,
  joinedAt: person.joinedAt.toISOString(),
  lastSeenAt: presence.lastSeenAt?.toISOString() ?? null,
  sessions: { open: presence.openSessions, total: presence.sessions },
});
