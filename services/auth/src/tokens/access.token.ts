import type { Role } from '@atrium/contracts';
import { TOKEN_ISSUER } from '@atrium/service-kit';
import jwt from 'jsonwebtoken';
import type { KeyRing } from './key.ring.ts';

/** Seconds that a person's access token is good for, and one that a service holds for them. */
export const ACCESS_SECONDS = 900;
const DELEGATED_SECONDS = 300;
/** What an API key is exchanged for: as long as a revoked key still works at most. */
const KEY_SECONDS = 30;

/** Whom a token speaks for: a person in a session, or a service acting for them. */
interface TokenSubject {
  readonly userId: string;
  readonly workspaceId: string;
  readonly role: Role;
  readonly sessionId?: string;
  readonly actor?: string;
  /** When the rights were read; now when absent. A revocation after it recalls the token. */
  readonly readAt?: Date;
  /** When the session ends; the token does not outlive it. */
  readonly until?: Date;
  /** Permissions the token is limited to. */
  readonly scopes?: readonly string[] | undefined;
  /** The API key it stands for. */
  readonly keyId?: string;
}

/** Signs access tokens (JWT after RFC 9068, ES256). */
export interface AccessTokens {
  issue(subject: TokenSubject): { accessToken: string; expiresIn: number };
}

export const createAccessTokens = (ring: KeyRing, now: () => Date): AccessTokens => ({
  issue({ userId, workspaceId, role, sessionId, actor, scopes, keyId, readAt = now(), until }) {
    const issued = readAt.getTime();
    const most = keyId !== undefined ? KEY_SECONDS : actor === undefined ? ACCESS_SECONDS : DELEGATED_SECONDS;
    const left = until === undefined ? most : Math.ceil((until.getTime() - issued) / 1000);
    const expiresIn = Math.max(1, Math.min(most, left));
    const claims = {
      wid: workspaceId,
      role,
      ...(sessionId === undefined ? {} : { sid: sessionId }),
      ...(actor === undefined ? {} : { act: { sub: actor } }),
      ...(scopes === undefined ? {} : { scp: scopes }),
      ...(keyId === undefined ? {} : { key: keyId }),
      // To the millisecond (RFC 7519 allows it), so that what is issued right after a revocation is not taken for older.
      iat: issued / 1000,
      exp: Math.floor(issued / 1000) + expiresIn,
    };
    const { kid, key } = ring.signing;
    const accessToken = jwt.sign(claims, key, {
      algorithm: 'ES256',
      header: { alg: 'ES256', typ: 'at+jwt', kid },
      subject: userId,
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
    });
    return { accessToken, expiresIn };
  },
});
