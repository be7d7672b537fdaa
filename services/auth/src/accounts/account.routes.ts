import { route, type Transactional } from '@atrium/service-kit';
import type { ClientOf } from '../attempts/client.ts';
import { viewUser } from '../users/user.schema.ts';
import { viewMembership, viewWorkspace } from '../workspaces/workspace.schema.ts';
import { Login, Me, Register, SignedIn } from './account.schema.ts';
import type { AccountService } from './account.service.ts';
import type { SignInService } from './sign-in.service.ts';

type Entered = Awaited<ReturnType<SignInService['login']>>;
export const viewSignedIn = (entered: Entered) => ({
  ...entered,
  user: viewUser(entered.user),
  workspace: viewWorkspace(entered.workspace),
});

/** Signing up, signing in, and who I am. */
export const accountRoutes = (parts: {
  accounts: Transactional<AccountService>;
  signIn: SignInService;
  clientOf: ClientOf;
}) => [
  route({
    method: 'post',
    path: '/auth/register',
    id: 'register',
    summary: 'Create an account with a personal workspace, and sign in',
    permission: 'public',
    status: 201,
    body: Register,
    bodyLimit: 8_192,
    response: SignedIn,
    errors: [409],
    handler: async ({ body, req }) => viewSignedIn(await parts.signIn.register(body, parts.clientOf(req))),
  }),
  route({
    method: 'post',
    path: '/auth/login',
    id: 'login',
    summary: 'Sign in with email and password',
    permission: 'public',
    body: Login,
    bodyLimit: 8_192,
    response: SignedIn,
    errors: [401, 403],
    handler: async ({ body, req }) => viewSignedIn(await parts.signIn.login(body, parts.clientOf(req))),
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
