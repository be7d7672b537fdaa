import { z } from 'zod';
import { defineEvent } from '../event.ts';

/** A person signed up; their personal workspace exists. */
export const UserRegistered = defineEvent(
  'auth.user.registered',
  1,
  z.object({
    userId: z.uuid(),
    workspaceId: z.uuid(),
    email: z.email(),
    name: z.string(),
    locale: z.string(),
    timeZone: z.string(),
  }),
);
