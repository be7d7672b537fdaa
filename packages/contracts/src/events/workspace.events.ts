import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { roles } from '../permissions.ts';

/** Somebody who already has an account opened another workspace; the first one comes with `auth.user.registered`. */
export const WorkspaceCreated = defineEvent(
  'auth.workspace.created',
  1,
  z.object({ workspaceId: z.uuid(), ownerId: z.uuid(), name: z.string(), timeZone: z.string() }),
);

/** A person came into a workspace that somebody else opened. */
export const MemberJoined = defineEvent(
  'auth.member.joined',
  1,
  z.object({
    workspaceId: z.uuid(),
    userId: z.uuid(),
    email: z.email(),
    name: z.string(),
    role: z.enum(roles),
    timeZone: z.string(),
  }),
);

/** A person is no longer in a workspace: they left, or `removedBy` is somebody else. */
export const MemberRemoved = defineEvent(
  'auth.member.removed',
  1,
  z.object({ workspaceId: z.uuid(), userId: z.uuid(), removedBy: z.uuid() }),
);
