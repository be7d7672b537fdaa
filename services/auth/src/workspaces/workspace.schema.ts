import { roles } from '@atrium/contracts';
import { pageOf } from '@atrium/service-kit';
import { z } from 'zod';
import type { Workspace } from './workspace.entity.ts';
import type { Membership } from './workspace.store.ts';

export const WorkspaceView = z
  .object({ id: z.uuid(), name: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'Workspace' });

export const viewWorkspace = ({ id, name, createdAt }: Workspace): z.input<typeof WorkspaceView> => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
});

export const MembershipView = z
  .object({ id: z.uuid(), name: z.string(), role: z.enum(roles) })
  .meta({ id: 'Membership' });

export const viewMembership = ({ workspace, role }: Membership): z.input<typeof MembershipView> => ({
  id: workspace.id,
  name: workspace.name,
  role,
});

const Name = z.string().trim().min(1).max(100);
export const CreateWorkspace = z.strictObject({ name: Name });
export const ChangeWorkspace = z.strictObject({ name: Name });

export const MembershipPage = pageOf(MembershipView).meta({ id: 'MembershipPage' });

/** With the refresh token the answer brings the next one; without it the one that is held stays good. */
export const Switch = z.strictObject({ refreshToken: z.string().min(1).max(200).optional() }).default({});

export const Switched = z
  .object({
    accessToken: z.string(),
    expiresIn: z.int().positive(),
    refreshToken: z.string().optional(),
    workspace: MembershipView,
  })
  .meta({ id: 'Switched' });
