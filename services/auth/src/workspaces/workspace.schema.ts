import { roles } from '@atrium/contracts';
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
