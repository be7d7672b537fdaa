import { route, type Transactional, type ClientOf } from '@atrium/service-kit';
import { SignedIn } from '../accounts/account.schema.ts';
import type { Entrance } from '../accounts/entrance.ts';
import type { SignInService } from '../accounts/sign-in.service.ts';
import type { HostCookie } from '../sessions/host.cookie.ts';
import type { RefreshCookie } from '../sessions/refresh.cookie.ts';
import { RefreshTokenPlace } from '../sessions/session.schema.ts';
import { mfaTokenUnknown, type MfaChallenge } from './mfa.challenge.ts';
import { Confirm, Enrolment, MfaStatus, Reauthenticate, RecoveryCodes, Verify } from './mfa.schema.ts';
import { wrongCode, type MfaService } from './mfa.service.ts';

/** Second factors, and proving again that it is you. */
export const mfaRoutes = ({
  mfa,
  challenge,
  signIn,
  entrance,
  cookie,
  mfaCookie,
  clientOf,
}: {
  mfa: Transactional<MfaService>;
  challenge: MfaChallenge;
  signIn: SignInService;
  entrance: Entrance;
  cookie: RefreshCookie;
  mfaCookie: HostCookie;
  clientOf: ClientOf;
}) => [
  route({
    method: 'get',
    path: '/auth/mfa',
    id: 'readMfa',
    summary: 'Whether a second factor is on, and how many recovery codes are left',
    permission: 'profile:read',
    response: MfaStatus,
    handler: ({ tenant }) => mfa.read(tenant, (service) => service.status(tenant.userId)),
  }),
  route({
    method: 'post',
    path: '/auth/mfa/totp',
    id: 'enrolTotp',
    summary: 'Begin to use an authenticator app; needs a fresh session',
    permission: 'session:write',
    status: 201,
    response: Enrolment,
    errors: [409],
    answersSecret: true,
    handler: ({ tenant, identity }) =>
      mfa.run(tenant, async (service) => {
        await service.requireFresh(tenant.userId, identity.sessionId);
        return service.enrol(tenant.userId);
      }),
  }),
  route({
    method: 'post',
    path: '/auth/mfa/totp/confirm',
    id: 'confirmTotp',
    summary: 'Turn the second factor on with a first code; answers the recovery codes, this once',
    permission: 'session:write',
    body: Confirm,
    response: RecoveryCodes,
    answersSecret: true,
    handler: async ({ tenant, identity, body, req }) => {
      let recoveryCodes: string[] | undefined;
      await challenge.attempt(tenant.userId, clientOf(req), async (userId) => {
        recoveryCodes = await mfa.run(tenant, async (service) => {
          await service.requireFresh(userId, identity.sessionId);
          return service.confirm(userId, body.code);
        });
        return recoveryCodes !== undefined;
      });
      if (!recoveryCodes) throw wrongCode();
      return { recoveryCodes };
    },
  }),
  route({
    method: 'delete',
    path: '/auth/mfa/totp',
    id: 'disableTotp',
    summary: 'Turn the second factor off; needs a fresh session',
    permission: 'session:write',
    handler: ({ tenant, identity }) =>
      mfa.run(tenant, async (service) => {
        await service.requireFresh(tenant.userId, identity.sessionId);
        await service.disable(tenant.userId);
      }),
  }),
  route({
    method: 'post',
    path: '/auth/mfa/recovery-codes',
    id: 'renewRecoveryCodes',
    summary: 'Replace the recovery codes; needs a fresh session',
    permission: 'session:write',
    response: RecoveryCodes,
    errors: [409],
    answersSecret: true,
    handler: ({ tenant, identity }) =>
      mfa.run(tenant, async (service) => {
        await service.requireFresh(tenant.userId, identity.sessionId);
        return { recoveryCodes: await service.renewCodes(tenant.userId) };
      }),
  }),
  route({
    method: 'post',
    path: '/auth/mfa/verify',
    id: 'verifyMfa',
    summary: 'Finish signing in with a code of the authenticator or a recovery code',
    permission: 'public',
    query: RefreshTokenPlace,
    body: Verify,
    bodyLimit: 8_192,
    response: SignedIn,
    errors: [401, 403],
    handler: ({ query, body, req, res }) =>
      entrance.enter(query, { req, res }, async () => {
        const client = clientOf(req);
        const kept = body.mfaToken === undefined ? mfaCookie.read(req) : undefined;
        if (kept !== undefined) cookie.checkPage(req);
        const mfaToken = body.mfaToken ?? kept;
        if (mfaToken === undefined) throw mfaTokenUnknown();
        const begun = await challenge.finish(mfaToken, client, (id) => challenge.checkProof(id, body));
        if (kept !== undefined) mfaCookie.clear(res);
        return signIn.enterByTwoFactors(begun, client);
      }),
  }),
  route({
    method: 'post',
    path: '/auth/reauthenticate',
    id: 'reauthenticate',
    summary: 'Prove again that it is you, with the password or, when a second factor is on, a code',
    permission: 'session:write',
    body: Reauthenticate,
    bodyLimit: 8_192,
    errors: [401],
    handler: async ({ tenant, identity, body, req }) => {
      const { userId } = tenant;
      const { id } = await mfa.read(tenant, (service) => service.ownSession(userId, identity.sessionId));
      if ('password' in body) await signIn.provePassword(userId, body.password, clientOf(req));
      else await challenge.prove(userId, clientOf(req), body);
      await mfa.run(tenant, (service) => service.prove(id));
    },
  }),
];
