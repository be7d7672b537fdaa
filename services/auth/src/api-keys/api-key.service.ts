import { createHash } from 'node:crypto';
import { isAllowed, type Permission, type Role } from '@atrium/contracts';
import { conflict, invalid, newApiKey, noteAudit, notFound, type Cursor } from '@atrium/service-kit';
import type { ApiKey } from './api-key.entity.ts';
import type { NewApiKey } from './api-key.schema.ts';
import type { ApiKeyStore } from './api-key.store.ts';

const DAY_MS = 24 * 3_600_000;
const LIFETIME_MS = 90 * DAY_MS;
const LONGEST_MS = 366 * DAY_MS;
const USED_EVERY_MS = 60_000;
/** Working keys of one person in one workspace. */
const MOST_KEYS = 50;

export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest();

interface Holder {
  readonly userId: string;
  readonly role: Role;
}

/** The rules of API keys, inside one transaction. */
export const createApiKeyService = (parts: {
  keys: ApiKeyStore;
  now: () => Date;
  newId: () => string;
  random: (bytes: number) => Buffer;
}) => {
  const { keys, now, newId, random } = parts;

  /** Whose keys the holder may see; everybody's for admins. */
  const ownerShown = ({ userId, role }: Holder): string | undefined =>
    isAllowed('audit:read', { role }) ? undefined : userId;

  const make = async (owner: string, input: Pick<ApiKey, 'name' | 'scopes' | 'expiresAt'>, createdAt: Date) => {
    const key = newApiKey(random(32));
    const stored = await keys.add({
      ...input,
      id: newId(),
      userId: owner,
      hash: hashApiKey(key),
      prefix: key.slice(0, 8),
      lastFour: key.slice(-4),
      createdAt,
      lastUsedAt: null,
      revokedAt: null,
      replacedBy: null,
    });
    return { stored, key };
  };

  const expiryOf = (text: string | undefined, at: Date): Date => {
    const expiresAt = text === undefined ? new Date(at.getTime() + LIFETIME_MS) : new Date(text);
    const ahead = expiresAt.getTime() - at.getTime();
    if (ahead > 0 && ahead <= LONGEST_MS) return expiresAt;
    const message = 'The key must expire in the future, a year from now at the latest.';
    throw invalid('api_key.invalid_expiry', message, [{ path: 'body.expiresAt', code: 'out_of_range', message }]);
  };

  const requireScopes = (scopes: readonly string[], role: Role): void => {
    const above = scopes.filter((scope) => !isAllowed(scope as Permission, { role }));
    if (above.length === 0) return;
    const message = `The role ${role} does not have ${above.join(', ')}, so a key cannot either.`;
    throw invalid('api_key.scope_above_role', message, [{ path: 'body.scopes', code: 'above_role', message }]);
  };

  return {
    /** @throws DomainError 409 `api_key.too_many`, 422 `api_key.scope_above_role`, `api_key.invalid_expiry` */
    async create({ userId, role }: Holder, { name, scopes, expiresAt }: NewApiKey) {
      const at = now();
      requireScopes(scopes, role);
      const input = { name, scopes: [...new Set(scopes)].sort(), expiresAt: expiryOf(expiresAt, at) };
      if ((await keys.countActive(userId, at)) >= MOST_KEYS)
        throw conflict('api_key.too_many', `You have ${MOST_KEYS} API keys. Revoke one first.`);
      const made = await make(userId, input, at);
      noteAudit({ target: made.stored.id, details: { scopes: input.scopes } });
      return made;
    },

    /** Everybody's keys for admins, one's own for others. */
    list: (holder: Holder, after: Cursor | undefined, limit: number) => keys.list(ownerShown(holder), after, limit),

    /** Ends a key; ending it twice changes nothing. @throws DomainError 404 */
    async revoke(holder: Holder, id: string): Promise<void> {
      const key = await keys.lock(id);
      const own = ownerShown(holder);
      if (!key || (own !== undefined && key.userId !== own)) return notFound('api_key', id);
      noteAudit({ target: id });
      if (!key.revokedAt) await keys.update(id, { revokedAt: now() });
    },

    /** Makes a key's successor; the old one works for a while yet. @throws DomainError 404, 409 `api_key.ended` */
    async rotate({ userId, role }: Holder, id: string, overlapSeconds: number) {
      const at = now();
      const old = await keys.lock(id);
      if (!old || old.userId !== userId) return notFound('api_key', id);
      if (old.revokedAt || old.replacedBy || old.expiresAt <= at)
        throw conflict('api_key.ended', 'The key was revoked, rotated or has expired. Make a new one.');
      requireScopes(old.scopes, role);
      const lifetime = old.expiresAt.getTime() - old.createdAt.getTime();
      const input = { name: old.name, scopes: old.scopes, expiresAt: new Date(at.getTime() + lifetime) };
      const made = await make(userId, input, at);
      const until = new Date(Math.min(old.expiresAt.getTime(), at.getTime() + overlapSeconds * 1000));
      await keys.update(id, { replacedBy: made.stored.id, expiresAt: until });
      noteAudit({ target: id, details: { replacedBy: made.stored.id } });
      return made;
    },

    findByHash: keys.findByHash,

    /** Whether the key still opens anything; remembers that it was used. */
    async use(id: string): Promise<ApiKey | undefined> {
      const at = now();
      const key = await keys.find(id);
      if (!key || key.revokedAt || key.expiresAt <= at) return undefined;
      if (!key.lastUsedAt || at.getTime() - key.lastUsedAt.getTime() >= USED_EVERY_MS)
        await keys.update(id, { lastUsedAt: at });
      return key;
    },
  };
};
export type ApiKeyService = ReturnType<typeof createApiKeyService>;
