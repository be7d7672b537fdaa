import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';
import { patientMail } from '../mail/mail.patience.ts';
import { Locale } from '../users/user.schema.ts';

/** Whom to write to about an erasure; sealed, and forgotten with the last letter. */
export const Contact = z.object({
  email: z.email(),
  name: z.string(),
  locale: Locale,
  /** The name of the workspace, when it is one. */
  workspace: z.string().nullable(),
});
export type Contact = z.infer<typeof Contact>;

/** Where a contact is sealed for. */
export const placeOfContact = (erasureId: string): string => `erasures:${erasureId}`;

/** Mails that an erasure began or is done. The address is in the erasure, not in the job. */
export const erasureMail = defineJob(
  'mail.erasure',
  z.object({ erasureId: z.uuid(), letter: z.enum(['began', 'done']) }),
  patientMail,
);
