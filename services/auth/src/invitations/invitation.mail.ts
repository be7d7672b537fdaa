import { jobHandler, type Transactional } from '@atrium/service-kit';
import type { MailTransport } from '../mail/mail.transport.ts';
import { invitationMail } from './invitation.mail.job.ts';
import type { InvitationService } from './invitation.service.ts';

/** Writes and sends the mail of an invitation, in the workspace it is for. */
export const invitationMailHandler = (parts: { invitations: Transactional<InvitationService>; mail: MailTransport }) =>
  jobHandler(invitationMail, {
    async work({ payload, tenant }) {
      const letter = await parts.invitations.run(tenant, (service) => service.writeMail(payload.invitationId));
      if (letter) await parts.mail.send(letter);
    },
    // The invitation stays in the list, and whoever invited has the link too.
    givenUp: () => Promise.resolve(),
  });
