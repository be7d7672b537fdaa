import { route, type ClientOf } from '@atrium/service-kit';
import { SignedIn } from '../accounts/account.schema.ts';
import type { Entrance } from '../accounts/entrance.ts';
import { RefreshTokenPlace } from '../sessions/session.schema.ts';
import { asking, personOf } from './passkey.routes.ts';
import { PasskeyProof, RequestOptions, SecondStep, SecondStepProof } from './passkey.schema.ts';
import type { PasskeyFlow } from './passkey.flow.ts';

const small = { bodyLimit: 16_384 } as const;

/** Using passkeys: instead of a password, after one, and to show again that it is you. */
export const passkeySignInRoutes = ({
  flow,
  entrance,
  clientOf,
}: {
  flow: PasskeyFlow;
  entrance: Entrance;
  clientOf: ClientOf;
}) => [
  route({
    ...small,
    ...asking,
    method: 'post',
    path: '/auth/passkeys/sign-in/options',
    id: 'beginPasskeySignIn',
    summary: 'Begin to sign in with a passkey; names nobody and says the same to everybody',
    permission: 'public',
    response: RequestOptions,
    errors: [503],
    handler: () => flow.beginSignIn(),
  }),
  route({
    ...small,
    method: 'post',
    path: '/auth/passkeys/sign-in',
    id: 'signInWithPasskey',
    summary: 'Sign in with a passkey, which counts for both factors',
    permission: 'public',
    query: RefreshTokenPlace,
    body: PasskeyProof,
    response: SignedIn,
    errors: [401, 403, 503],
    handler: (input) => entrance.enter(input.query, input, () => flow.signIn(input.body.response, clientOf(input.req))),
  }),
  route({
    ...small,
    ...asking,
    method: 'post',
    path: '/auth/passkeys/mfa/options',
    id: 'beginPasskeyMfa',
    summary: 'Begin to finish signing in with a passkey as the second factor',
    permission: 'public',
    body: SecondStep,
    response: RequestOptions,
    errors: [401, 503],
    handler: ({ body }) => flow.beginSecondStep(body.mfaToken),
  }),
  route({
    ...small,
    method: 'post',
    path: '/auth/passkeys/mfa',
    id: 'verifyPasskeyMfa',
    summary: 'Finish signing in with a passkey as the second factor',
    permission: 'public',
    query: RefreshTokenPlace,
    body: SecondStepProof,
    response: SignedIn,
    errors: [401, 403, 503],
    handler: (input) =>
      entrance.enter(input.query, input, () =>
        flow.finishSecondStep(input.body.mfaToken, input.body.response, clientOf(input.req)),
      ),
  }),
  route({
    ...small,
    ...asking,
    method: 'post',
    path: '/auth/passkeys/reauthenticate/options',
    id: 'beginPasskeyReauthentication',
    summary: 'Begin to prove with a passkey that it is still you',
    permission: 'session:write',
    response: RequestOptions,
    errors: [503],
    handler: ({ identity }) => flow.beginReauthentication(personOf(identity)),
  }),
  route({
    ...small,
    method: 'post',
    path: '/auth/passkeys/reauthenticate',
    id: 'reauthenticateWithPasskey',
    summary: 'Prove with a passkey that it is still you, which makes the session fresh',
    permission: 'session:write',
    body: PasskeyProof,
    errors: [401, 503],
    handler: ({ identity, body, req }) => flow.reauthenticate(personOf(identity), body.response, clientOf(req)),
  }),
];
