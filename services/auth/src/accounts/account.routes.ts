import { route, type Transactional, type ClientOf } from '@atrium/service-kit';
import { z } from 'zod';
import { RefreshTokenPlace } from '../sessions/session.schema.ts';
import { viewUser } from '../users/user.schema.ts';
import { viewMembership, viewWorkspace } from '../workspaces/workspace.schema.ts';
import { Login, Me, Register, Registered, SignedIn } from './account.schema.ts';
import type { AccountService } from './account.service.ts';
import type { Entrance } from './entrance.ts';
import type { SignInService } from './sign-in.service.ts';

/** Signing up, signing in, and who I am. */
export const accountRoutes = (parts: {
  accounts: Transactional<AccountService>;
  signIn: SignInService;
  clientOf: ClientOf;
  entrance: Entrance;
}) => {
  const { enter } = parts.entrance;
  return [
    route({
      method: 'post',
      path: '/auth/register',
      id: 'register',
      summary: 'Create an account with a personal workspace, and sign in; 202 where a mail says how it goes on',
      permission: 'public',
      status: 201,
      query: RefreshTokenPlace,
      body: Register,
      bodyLimit: 8_192,
      response: z.union([SignedIn, Registered]),
      errors: [403, 409],
      handler: async (input) => {
        const client = parts.clientOf(input.req);
        if (!parts.signIn.byMail) return enter(input.query, input, () => parts.signIn.register(input.body, client));
        await parts.signIn.apply(input.body, client);
        input.res.status(202);
        return { status: 'check_your_mail' as const };
      },
    }),
    route({
      method: 'post',
      path: '/auth/login',
      id: 'login',
      summary: 'Sign in with email and password',
      permission: 'public',
      query: RefreshTokenPlace,
      body: Login,
      bodyLimit: 8_192,
      response: SignedIn,
      errors: [401, 403],
      handler: (input) => {
        const deviceToken = input.body.deviceToken ?? parts.entrance.deviceOf(input.req);
        return enter(input.query, input, () =>
          parts.signIn.login({ ...input.body, deviceToken }, parts.clientOf(input.req)),
        );
      },
    }),
    route({
      method: 'get',
      path: '/auth/me',
      id: 'readMe',
      summary: 'Who is signed in, where, and in which workspaces they are',
      permission: 'profile:read',
      response: Me,
      handler: async ({ tenant, identity }) => {
        const me = await parts.accounts.read(tenant, (accounts) => accounts.me(tenant.userId, identity.sessionId));
        return {
          user: viewUser(me.user),
          workspace: viewWorkspace(me.workspace),
          role: me.role,
          workspaces: me.workspaces.map(viewMembership),
        };
      },
    }),
  ];
};
