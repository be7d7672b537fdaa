import { z } from 'zod';
import { defineCall } from '../call.ts';

/** What a workspace may do by its plan; null is without limit. */
export const Entitlements = z.object({
  /** Names of models, where `*` stands for any part of a name. */
  models: z.array(z.string()),
  concurrentRuns: z.int().nonnegative().nullable(),
  maxUploadBytes: z.int().nonnegative().nullable(),
  members: z.int().nonnegative().nullable(),
  documents: z.int().nonnegative().nullable(),
});
export type Entitlements = z.infer<typeof Entitlements>;

export const EntitlementsView = z.object({
  plan: z.string(),
  entitlements: Entitlements,
  /** The other plans with what they allow, cheapest first: a refusal names the first that would do. */
  plans: z.array(z.object({ id: z.string(), name: z.string(), entitlements: Entitlements })),
});
export type EntitlementsView = z.infer<typeof EntitlementsView>;

/** Asks what the workspace of the token may do. Keep the answer for at most 60 s. */
export const readEntitlements = defineCall({
  service: 'billing',
  method: 'get',
  path: '/internal/entitlements',
  request: z.strictObject({}),
  response: EntitlementsView,
});
