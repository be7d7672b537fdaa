import { roles } from '@atrium/contracts';
import { z } from 'zod';
import { TokenPair } from '../sessions/session.schema.ts';
import { Email, Locale, NewPassword, TimeZone, UserView } from '../users/user.schema.ts';
import { MembershipView, WorkspaceView } from '../workspaces/workspace.schema.ts';

const Name = z.string().trim().min(1).max(100);

export const Register = z.strictObject({
  email: Email,
  password: NewPassword,
  /** The part of the address before the @ when absent. */
  name: Name.optional(),
  workspaceName: Name.optional(),
  locale: Locale.default('en'),
  timeZone: TimeZone.default('UTC'),
  /** The token of an invitation for this address, where registration is closed. */
  invitation: z.string().min(1).max(200).optional(),
});
export type Register = z.infer<typeof Register>;

/** No rules for the password but a bound: what was once allowed must stay usable. */
export const Login = z.strictObject({
  email: Email,
  password: z.string().min(1).max(512),
  /** What an earlier sign-in on this device answered; a browser has it in a cookie. */
  deviceToken: z.string().max(200).optional(),
});
export type Login = z.infer<typeof Login>;

/** Says the same whether or not there was an account with the address. */
export const Registered = z.object({ status: z.literal('check_your_mail') }).meta({ id: 'Registered' });

export const SignedIn = TokenPair.extend({
  /** Keep it on the device and send it with the next sign-in: it lets the owner in while others guess at the account. */
  deviceToken: z.string().optional(),
  user: UserView,
  workspace: WorkspaceView,
}).meta({ id: 'SignedIn' });

export const Me = z
  .object({ user: UserView, workspace: WorkspaceView, role: z.enum(roles), workspaces: z.array(MembershipView) })
  .meta({ id: 'Me' });
