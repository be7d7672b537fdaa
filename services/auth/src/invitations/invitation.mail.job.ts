import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';
import { patientMail } from '../mail/mail.patience.ts';

/** Mails one invitation. No secret waits in the job: the token is made when the mail is written. */
export const invitationMail = defineJob('mail.invitation', z.object({ invitationId: z.uuid() }), patientMail);
