import { IdParams, route, type Identity, type Transactional } from '@atrium/service-kit';
import { CreationOptions, NewPasskey, PasskeyChange, PasskeyList, PasskeyView, viewPasskey } from './passkey.schema.ts';
import type { PasskeyFlow, PasskeyUnit, Person } from './passkey.flow.ts';

export const personOf = ({ tenant, sessionId }: Identity): Person => ({ tenant, sessionId });

/** Asking changes nothing, and a challenge is told once. */
export const asking = { audit: 'refusals', answersSecret: true } as const;

/** Making passkeys, and keeping one's own in order. */
export const passkeyRoutes = ({ flow, units }: { flow: PasskeyFlow; units: Transactional<PasskeyUnit> }) => [
  route({
    method: 'post',
    path: '/auth/passkeys/options',
    id: 'beginPasskey',
    summary: 'Begin to make a passkey: what to ask the authenticator; needs a fresh session',
    permission: 'session:write',
    response: CreationOptions,
    errors: [503],
    ...asking,
    handler: ({ identity }) => flow.beginRegistration(personOf(identity)),
  }),
  route({
    method: 'post',
    path: '/auth/passkeys',
    id: 'addPasskey',
    summary: 'Keep the passkey that the authenticator made; needs a fresh session',
    permission: 'session:write',
    status: 201,
    body: NewPasskey,
    bodyLimit: 65_536,
    response: PasskeyView,
    errors: [400, 409, 503],
    handler: ({ identity, body }) => flow.register(personOf(identity), body.name, body.response),
  }),
  route({
    method: 'get',
    path: '/auth/passkeys',
    id: 'listPasskeys',
    summary: 'My passkeys, the oldest first',
    permission: 'profile:read',
    response: PasskeyList,
    handler: ({ tenant }) =>
      units.read(tenant, async ({ passkeys }) => ({ data: (await passkeys.list(tenant.userId)).map(viewPasskey) })),
  }),
  route({
    method: 'patch',
    path: '/auth/passkeys/:id',
    id: 'renamePasskey',
    summary: 'Call a passkey something else',
    permission: 'session:write',
    params: IdParams,
    body: PasskeyChange,
    response: PasskeyView,
    errors: [404],
    handler: ({ tenant, identity, params, body }) =>
      units.run(tenant, async ({ passkeys, mfa }) => {
        await mfa.ownSession(tenant.userId, identity.sessionId);
        return viewPasskey(await passkeys.rename(tenant.userId, params.id, body.name));
      }),
  }),
  route({
    method: 'delete',
    path: '/auth/passkeys/:id',
    id: 'removePasskey',
    summary: 'Remove a passkey, unless it is the last way into the account; needs a fresh session',
    permission: 'session:write',
    params: IdParams,
    errors: [404, 409],
    handler: ({ tenant, identity, params }) =>
      units.run(tenant, async ({ passkeys, mfa }) => {
        await mfa.requireFresh(tenant.userId, identity.sessionId);
        await passkeys.remove(tenant.userId, params.id);
      }),
  }),
];
