import { z } from 'zod';
import { defineCall } from '../call.ts';

export const DelegationRequest = z.strictObject({
  service: z.string(),
  secret: z.string(),
  userId: z.uuid(),
  workspaceId: z.uuid(),
  /** Limits the token, as that of the user was. */
  scopes: z.array(z.string()).max(200).optional(),
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

export const ApiKeyExchange = z.strictObject({ key: z.string().max(200) });

/** Trades an API key for a short access token of its owner, limited to the key's scopes; the key is the credential. */
export const exchangeApiKey = defineCall({
  service: 'auth',
  method: 'post',
  path: '/internal/api-keys/exchange',
  request: ApiKeyExchange,
  response: z.object({ accessToken: z.string(), expiresIn: z.int().positive() }),
});
