import { defineJob, jobHandler, outsideWorkspaces, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import { patientMail } from '../mail/mail.patience.ts';
import type { MailTransport } from '../mail/mail.transport.ts';
import type { EmailService } from './email.service.ts';

const AccountMail = z.object({
  mail: z.enum(['verify_email', 'reset_password', 'password_changed', 'account_exists']),
  email: z.email(),
});
export type AccountMail = z.infer<typeof AccountMail>;

/** Writes and sends one mail about an account. No secret waits in the job: the link is made when the mail is written. */
export const accountMail = defineJob('mail.account', AccountMail, { ...patientMail, concurrency: 4 });

export const accountMailHandler = (parts: { emails: Transactional<EmailService>; mail: MailTransport }) =>
  jobHandler(accountMail, {
    async work({ payload }) {
      const letter = await parts.emails.run(outsideWorkspaces(), (emails) => emails.write(payload));
      if (letter) await parts.mail.send(letter);
    },
    // Nothing waits for it; the person asks again.
    givenUp: () => Promise.resolve(),
  });
