import { z } from 'zod';
import { defineCall } from '../call.ts';

export const DelegationRequest = z.strictObject({
  service: z.string(),
  secret: z.string(),
  userId: z.uuid(),
  workspaceId: z.uuid(),
});

/**
 * Token exchange (after RFC 8693): a service proves itself and receives a short token for a user in a workspace,
 * carrying the service in `act`. Refused when the user is no longer a member.
 */
export const exchangeToken = defineCall({
  service: 'auth',
  method: 'post',
  path: '/internal/tokens',
  request: DelegationRequest,
  response: z.object({ accessToken: z.string(), expiresIn: z.int().positive() }),
});
