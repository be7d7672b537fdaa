import { AsyncLocalStorage } from 'node:async_hooks';
import { outsideWorkspaces, type Transactional, type Client } from '@atrium/service-kit';
import type { MailLimits } from './email.limits.ts';
import type { EmailService } from './email.service.ts';

/**
 * Mails a link for verifying an address without having anybody wait for it: how long an answer takes must not tell that
 * there is one to write to. It runs outside the request, whose audit record is not about it.
 */
export const createLateMail = (parts: {
  emails: Transactional<EmailService>;
  mailLimits: MailLimits;
  log: { warn(about: object, text: string): void };
}) => {
  const outside = AsyncLocalStorage.snapshot();
  return (email: string, client: Client): void => {
    const send = async (): Promise<void> => {
      if (!(await parts.mailLimits.allow(email, client).catch(() => false))) return;
      await parts.emails.run(outsideWorkspaces(), (service) => service.ask('verify_email', email));
    };
    outside(() =>
      setImmediate(() =>
        send().catch((error: unknown) =>
          parts.log.warn({ err: error }, 'a mail was not asked for; they may ask again'),
        ),
      ),
    );
  };
};
