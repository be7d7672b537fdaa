import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { unavailable } from '../http/problem.ts';

const JwkSet = z.object({
  keys: z.array(
    z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string(), x: z.string(), y: z.string() }),
  ),
});

/** Looks up public keys by key id (RFC 7517), fetched from auth and cached. */
export interface KeySource {
  /** The key, or undefined when auth does not know it. @throws DomainError 503 when nothing is cached and auth is away */
  find(kid: string): Promise<KeyObject | undefined>;
}

const FRESH_MS = 10 * 60_000;
/** An unknown key id makes us ask auth again, but no more often than this, whatever tokens are thrown at us. */
const ASK_AGAIN_MS = 5_000;

/** One that can be filled before the first token comes. */
interface FetchedKeys extends KeySource {
  /** Asks for the keys; resolves whether they came or not. */
  begun(): Promise<void>;
}

export const createKeySource = (
  url: string,
  options: { fetch?: typeof fetch; now?: () => number } = {},
): FetchedKeys => {
  const now = options.now ?? Date.now;
  const get = options.fetch ?? fetch;
  let keys = new Map<string, KeyObject>();
  let fetchedAt = -Infinity;
  let pending: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    const response = await get(url, { signal: AbortSignal.timeout(3_000) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    const set = JwkSet.parse(await response.json());
    keys = new Map(set.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
    fetchedAt = now();
  };
  const refreshOnce = (): Promise<void> => {
    pending ??= refresh().finally(() => {
      pending = undefined;
    });
    return pending;
  };

  return {
    begun: () => refreshOnce().catch(() => undefined),
    async find(kid) {
      const age = now() - fetchedAt;
      if (age > FRESH_MS || (!keys.has(kid) && age > ASK_AGAIN_MS)) {
        await refreshOnce().catch((error: unknown) => {
          if (!keys.has(kid))
            throw unavailable('token.keys_unavailable', 'Tokens cannot be checked right now.', 1, error);
        });
      }
      return keys.get(kid);
    },
  };
};
