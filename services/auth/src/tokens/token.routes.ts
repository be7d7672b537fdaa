import { DelegationRequest, exchangeToken } from '@atrium/contracts';
import { route } from '@atrium/service-kit';
import { z } from 'zod';
import type { DelegationService } from './delegation.service.ts';
import { Jwk, type KeyRing } from './key.ring.ts';

const JwkSet = z.object({ keys: z.array(Jwk) }).meta({ id: 'JwkSet' });

/** Public keys for everybody, delegated tokens for services. */
export const tokenRoutes = ({ ring, delegation }: { ring: KeyRing; delegation: DelegationService }) => [
  route({
    method: 'get',
    path: '/.well-known/jwks.json',
    surface: 'root',
    id: 'readJwks',
    summary: 'Public keys that access tokens are signed with',
    permission: 'public',
    response: JwkSet,
    handler: async ({ res }) => {
      res.set('cache-control', 'public, max-age=300');
      return { keys: [...ring.published] };
    },
  }),
  route({
    method: 'post',
    path: '/tokens',
    surface: 'internal',
    id: 'exchangeToken',
    summary: 'Get a token for a user, as a service acting for them',
    permission: 'public',
    body: DelegationRequest,
    bodyLimit: 8_192,
    response: exchangeToken.response,
    errors: [401, 403],
    handler: ({ body }) => delegation.exchange(body),
  }),
];
