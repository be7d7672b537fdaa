import { keyScopes } from '@atrium/contracts';
import { z } from 'zod';
import type { ApiKey } from './api-key.entity.ts';

const scope = z.enum(keyScopes as [string, ...string[]]);

export const NewApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Permissions that the key is limited to; each must be one of the owner's role. */
  scopes: z.array(scope).min(1).max(keyScopes.length),
  /** At most a year ahead; in 90 days when absent. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export type NewApiKey = z.infer<typeof NewApiKey>;

export const RotateApiKey = z.strictObject({
  /** Seconds that the old key still works, at most a week; a day when absent. */
  overlapSeconds: z.int().min(0).max(604_800).default(86_400),
});

export const ApiKeyView = z
  .object({
    id: z.uuid(),
    userId: z.uuid(),
    name: z.string(),
    prefix: z.string(),
    lastFour: z.string(),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    replacedBy: z.uuid().nullable(),
  })
  .meta({ id: 'ApiKey' });

/** The only answers that show a key. */
export const CreatedApiKey = ApiKeyView.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });

const statusOf = ({ revokedAt, expiresAt }: ApiKey, now: Date): 'active' | 'expired' | 'revoked' => {
  if (revokedAt) return 'revoked';
  return expiresAt > now ? 'active' : 'expired';
};

export const viewApiKey = (key: ApiKey, now: Date): z.input<typeof ApiKeyView> => ({
  ...key,
  status: statusOf(key, now),
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  revokedAt: key.revokedAt?.toISOString() ?? null,
});
