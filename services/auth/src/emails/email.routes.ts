import { outsideWorkspaces, route, type Transactional, type Client, type ClientOf } from '@atrium/service-kit';
import { z } from 'zod';
import { Email, NewPassword } from '../users/user.schema.ts';
import { ownSessionOf } from '../sessions/session.routes.ts';
import type { AccountMail } from './account.mail.ts';
import type { MailLimits } from './email.limits.ts';
import type { EmailService } from './email.service.ts';
import type { PasswordService } from './password.service.ts';

const Address = z.strictObject({ email: Email });
const Token = z.string().min(1).max(200);
const Verification = z.strictObject({ token: Token });
const Reset = z.strictObject({ token: Token, password: NewPassword });
const PasswordChange = z.strictObject({ currentPassword: z.string().min(1).max(512), newPassword: NewPassword });

const small = { permission: 'public', bodyLimit: 8_192 } as const;

/** Confirming an address, and getting a new password. */
export const emailRoutes = (parts: {
  emails: Transactional<EmailService>;
  passwordChanges: PasswordService;
  mailLimits: MailLimits;
  clientOf: ClientOf;
}) => {
  const { emails, passwordChanges, mailLimits, clientOf } = parts;
  /** Answers and costs the same for an address that nobody has, and for one that has had enough. */
  const ask = async (mail: AccountMail['mail'], email: string, client: Client): Promise<void> => {
    if (await mailLimits.allow(email, client))
      await emails.run(outsideWorkspaces(), (service) => service.ask(mail, email));
  };
  return [
    route({
      ...small,
      method: 'post',
      path: '/auth/verify-email',
      id: 'verifyEmail',
      summary: 'Confirm an address with the token that was mailed to it',
      body: Verification,
      errors: [400],
      handler: ({ body }) => emails.run(outsideWorkspaces(), (service) => service.verify(body.token)),
    }),
    route({
      ...small,
      method: 'post',
      path: '/auth/verify-email/resend',
      id: 'resendVerification',
      summary: 'Mail a new token for confirming an address; the answer does not tell whether anybody has it',
      body: Address,
      handler: ({ body, req }) => ask('verify_email', body.email, clientOf(req)),
    }),
    route({
      ...small,
      method: 'post',
      path: '/auth/password/forgot',
      id: 'forgotPassword',
      summary: 'Mail a token for a new password; the answer does not tell whether anybody has the address',
      body: Address,
      handler: ({ body, req }) => ask('reset_password', body.email, clientOf(req)),
    }),
    route({
      ...small,
      method: 'post',
      path: '/auth/password/reset',
      id: 'resetPassword',
      summary: 'Choose a new password with the token that was mailed; ends every session',
      body: Reset,
      errors: [400],
      handler: ({ body }) => passwordChanges.reset(body.token, body.password),
    }),
    route({
      method: 'put',
      path: '/users/password',
      id: 'changePassword',
      summary: 'Choose a new password, by the current one; ends every other session',
      permission: 'password:write',
      body: PasswordChange,
      bodyLimit: 8_192,
      handler: ({ body, tenant, identity, req }) =>
        passwordChanges.change({ ...body, tenant, sessionId: ownSessionOf(identity) }, clientOf(req)),
    }),
  ];
};
