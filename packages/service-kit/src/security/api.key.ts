import { hash } from 'node:crypto';
import { exchangeApiKey } from '@atrium/contracts';
import { DomainError, unauthenticated } from '../http/problem.ts';
import { callService } from './service.client.ts';
import type { Identity, TokenVerifier } from './token.ts';

/** `atr_`, 256 random bits, and a checksum by which a mangled key is refused without asking anybody. */
const FORMAT = /^atr_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;
const checksumOf = (secret: string): string => hash('sha256', `atr_${secret}`, 'base64url').slice(0, 6);

/** A new API key. @param random 32 bytes */
export const newApiKey = (random: Buffer): string => {
  const secret = random.toString('base64url');
  return `atr_${secret}${checksumOf(secret)}`;
};

/** Whether a text is an API key, mistyped ones excepted. */
export const isApiKey = (text: string): boolean => {
  const [, secret = '', checksum] = FORMAT.exec(text) ?? [];
  return checksumOf(secret) === checksum;
};

/** Trades an API key for a short access token. @throws DomainError 401 for a key that is not good, 503 */
export type KeyExchange = (key: string) => Promise<string>;

/** Asks auth. */
export const createKeyExchange =
  (authUrl: string): KeyExchange =>
  async (key) => {
    const call = { baseUrl: authUrl, input: { key }, timeoutMs: 3_000 };
    const { accessToken } = await callService(exchangeApiKey, call);
    return accessToken;
  };

const CACHED_KEYS = 10_000;
/** A key that was refused is not asked about again for so long. */
const REFUSED_MS = 5_000;

const refused = (): DomainError => unauthenticated('token.invalid', 'The API key is not valid.');

/**
 * Lets API keys in wherever access tokens are: a key is exchanged once and the short token remembered until it expires,
 * so a revoked key works for as long as that at most. The short token is verified every time; when it was recalled,
 * the key is exchanged anew, for the rights of now. Keys are remembered by their SHA-256.
 */
export const acceptApiKeys = (
  verify: TokenVerifier,
  exchange: KeyExchange,
  now: () => number = Date.now,
): TokenVerifier => {
  const known = new Map<string, { token: Promise<string>; until: number }>();

  const ask = (digest: string, key: string): Promise<Identity> => {
    const token = exchange(key);
    const entry = { token, until: Infinity };
    if (known.size >= CACHED_KEYS) known.delete(known.keys().next().value ?? '');
    known.set(digest, entry);
    const identity = token.then(verify);
    identity.then(
      ({ expiresAt }) => (entry.until = expiresAt),
      (error: unknown) => {
        const isRefusal = error instanceof DomainError && error.status === 401;
        if (isRefusal) entry.until = now() + REFUSED_MS;
        else if (known.get(digest) === entry) known.delete(digest);
      },
    );
    return identity;
  };

  const identify = async (digest: string, key: string): Promise<Identity> => {
    const entry = known.get(digest);
    if (!entry || entry.until <= now()) return ask(digest, key);
    const short = await entry.token;
    try {
      return await verify(short);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'token.revoked') throw error;
      // Of many requests that find it recalled one asks.
      return known.get(digest) === entry ? ask(digest, key) : identify(digest, key);
    }
  };

  return async (token) => {
    if (!token.startsWith('atr_')) return verify(token);
    if (!isApiKey(token)) throw refused();
    return identify(hash('sha256', token, 'base64'), token);
  };
};
