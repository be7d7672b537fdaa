import { z } from 'zod';
import { defineCall } from '../call.ts';

/**
 * What ended before its tokens did: a session, with every token of it, or everything a user was given up to a moment.
 * Times are epoch milliseconds; after `until` every such token has expired, and the revocation may be forgotten.
 */
export const Revocation = z.object({
  kind: z.enum(['session', 'user']),
  id: z.uuid(),
  at: z.number(),
  until: z.number(),
});
export type Revocation = z.infer<typeof Revocation>;

/** Every revocation that still matters, or those since a moment of auth's clock, which is `now` of an earlier answer. */
export const listRevocations = defineCall({
  service: 'auth',
  method: 'get',
  path: '/internal/revocations',
  request: z.strictObject({ since: z.coerce.number().optional() }),
  response: z.object({ now: z.number(), revocations: z.array(Revocation) }),
});
