import type { KeyObject } from 'node:crypto';
import type { KeyStore } from './key.store.ts';

/**
 * A new key is published this long before it signs: every auth reads it within two seconds, and every service, which
 * asks again for a key it does not know but at most every five seconds, can then have it.
 */
const PUBLISHED_FIRST_MS = 10_000;
/** An old key is honoured this long after it last signed: an access token's life and a minute for clocks. */
const HONOURED_MS = 16 * 60_000;

/** The rules of signing keys, inside one transaction. */
export const createKeyService = ({
  keys,
  now,
  generate,
}: {
  keys: KeyStore;
  now: () => Date;
  generate: () => KeyObject;
}) => ({
  list: keys.list,

  /** Stores the first key, unless there is one that opens. */
  async seed(first: KeyObject): Promise<void> {
    await keys.lock();
    const stored = await keys.list();
    if (stored.some(({ privateKey }) => privateKey !== undefined)) return;
    const at = now();
    // Keys that cannot be opened sign no more; their tokens live out.
    await keys.retireAll(new Date(at.getTime() + HONOURED_MS));
    await keys.add(first, at, at);
  },

  /** Makes the next key. */
  async rotate() {
    await keys.lock();
    const at = now();
    await keys.forgetRetired(at);
    const others = await keys.list();
    const activatesAt = new Date(at.getTime() + (others.length > 0 ? PUBLISHED_FIRST_MS : 0));
    await keys.retireAll(new Date(activatesAt.getTime() + HONOURED_MS));
    const { jwk } = await keys.add(generate(), at, activatesAt);
    return { kid: jwk.kid, activatesAt };
  },
});
