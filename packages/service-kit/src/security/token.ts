import { hash, type KeyObject } from 'node:crypto';
import { roles } from '@atrium/contracts';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { Tenant } from '../data/tenant.ts';
import { unauthenticated } from '../http/problem.ts';
import type { KeySource } from './jwks.ts';
import type { RevocationWatch } from './revocation.watch.ts';

/** Issuer and audience of every access token of an installation. */
export const TOKEN_ISSUER = 'atrium';

/** What an access token says (RFC 7519; `act` after RFC 8693). Times are seconds. */
export const TokenClaims = z.object({
  sub: z.uuid(),
  wid: z.uuid(),
  role: z.enum(roles),
  sid: z.uuid().optional(),
  /** The API key that was exchanged for it. */
  key: z.uuid().optional(),
  /** Permissions it is limited to; all of the role's when absent. */
  scp: z.array(z.string()).max(200).optional(),
  iat: z.number(),
  exp: z.number(),
  act: z.object({ sub: z.string() }).optional(),
});
export type TokenClaims = z.infer<typeof TokenClaims>;

/** A verified token: whose rows it opens, and until when. */
export interface Identity {
  readonly tenant: Tenant & { readonly userId: string; readonly role: TokenClaims['role'] };
  readonly sessionId: string | undefined;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** The API key it came from. */
  readonly keyId: string | undefined;
  readonly expiresAt: number;
  readonly token: string;
}

const MAX_TOKEN = 4_096;
const CACHED_TOKENS = 10_000;
/** Nobody is given a token for longer than this; one that says so was not made by auth. */
const MOST_SECONDS = 86_400;

/** One spelling a token: the last letter of base64url can carry bits that mean nothing (RFC 4648 §3.5). */
const isCanonical = (token: string): boolean =>
  token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);

const verify = (token: string, key: KeyObject): TokenClaims => {
  try {
    const payload = jwt.verify(token, key, {
      algorithms: ['ES256'],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
      clockTolerance: 5,
    });
    const claims = TokenClaims.parse(payload);
    if (claims.exp - claims.iat > MOST_SECONDS) throw new Error('it would be good for too long');
    return claims;
  } catch (error) {
    throw error instanceof jwt.TokenExpiredError
      ? unauthenticated('token.expired', 'The access token has expired. Refresh it and try again.')
      : unauthenticated('token.invalid', 'The access token is not valid.');
  }
};

const headerOf = (token: string): { kid: string } => {
  const header = jwt.decode(token, { complete: true })?.header;
  const known = header?.alg === 'ES256' && header.typ === 'at+jwt' && header.crit === undefined;
  if (!known || typeof header.kid !== 'string' || header.kid.length > 100)
    throw unauthenticated('token.invalid', 'The access token is not valid.');
  return { kid: header.kid };
};

/**
 * Verifies access tokens offline. A token that was verified once is remembered by its SHA-256 until it expires, so
 * the signature is checked once a token and not once a request. Whether it was revoked is asked every time.
 * @param revocations absent: tokens are good until they expire
 * @throws DomainError 401 `token.invalid`, `token.expired` or `token.revoked`
 */
export const createTokenVerifier = (
  keys: KeySource,
  now: () => number = Date.now,
  revocations?: Pick<RevocationWatch, 'check'>,
) => {
  const seen = new Map<string, Identity>();
  return async (token: string): Promise<Identity> => {
    if (token.length > MAX_TOKEN) throw unauthenticated('token.invalid', 'The access token is not valid.');
    const digest = hash('sha256', token, 'base64');
    const known = seen.get(digest);
    if (known) {
      if (known.expiresAt > now()) {
        const asking = revocations?.check(known);
        if (asking) await asking;
        return known;
      }
      seen.delete(digest);
      throw unauthenticated('token.expired', 'The access token has expired. Refresh it and try again.');
    }
    if (!isCanonical(token)) throw unauthenticated('token.invalid', 'The access token is not valid.');
    const key = await keys.find(headerOf(token).kid);
    if (!key) throw unauthenticated('token.invalid', 'The access token is not valid.');
    const claims = verify(token, key);
    const identity: Identity = {
      tenant: {
        workspaceId: claims.wid,
        userId: claims.sub,
        role: claims.role,
        actor: claims.act?.sub,
        scopes: claims.scp,
      },
      sessionId: claims.sid,
      issuedAt: claims.iat * 1000,
      keyId: claims.key,
      expiresAt: claims.exp * 1000,
      token,
    };
    if (seen.size >= CACHED_TOKENS) seen.delete(seen.keys().next().value ?? '');
    seen.set(digest, identity);
    await revocations?.check(identity);
    return identity;
  };
};
export type TokenVerifier = ReturnType<typeof createTokenVerifier>;

/** The token of an `Authorization: Bearer` header (RFC 6750). @throws DomainError 401 */
export const bearerToken = (header: string | undefined): string => {
  const match = header ? /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(header) : null;
  if (!match?.[1]) throw unauthenticated();
  return match[1];
};
