import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Revocation, Role } from '@atrium/contracts';
import { drain, listen, portOf, TOKEN_ISSUER } from '@atrium/service-kit';
import jwt from 'jsonwebtoken';

/** Who a test's token speaks for. */
export interface TestIdentity {
  readonly userId: string;
  readonly workspaceId: string;
  readonly role: Role;
  /** Limits the token, as one that an API key was exchanged for. */
  readonly scopes?: readonly string[];
}

/** Stands in for auth towards a service under test: serves public keys, mints tokens, and exchanges them. */
export interface TokenIssuer {
  readonly url: string;
  token(identity: TestIdentity, options?: { actor?: string; expiresIn?: number; sessionId?: string }): string;
  /** What it tells services that ask what was revoked; tests add to it. */
  readonly revocations: Revocation[];
  close(): Promise<void>;
}

/** Somebody new, owner of a workspace of their own. */
export const makeIdentity = (given: Partial<TestIdentity> = {}): TestIdentity => ({
  userId: randomUUID(),
  workspaceId: randomUUID(),
  role: 'owner',
  ...given,
});

export const startTokenIssuer = async (): Promise<TokenIssuer> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] });
  const token: TokenIssuer['token'] = (
    { userId, workspaceId, role, scopes },
    { actor, expiresIn = 900, sessionId = randomUUID() } = {},
  ) => {
    const limits = { ...(actor ? { act: { sub: actor } } : {}), ...(scopes ? { scp: scopes } : {}) };
    return jwt.sign({ wid: workspaceId, role, sid: sessionId, ...limits }, privateKey, {
      algorithm: 'ES256',
      keyid: kid,
      subject: userId,
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
      expiresIn,
      header: { alg: 'ES256', typ: 'at+jwt', kid },
    });
  };
  const revocations: Revocation[] = [];
  const server = await listen(
    (req, res) => {
      res.setHeader('content-type', 'application/json');
      if (req.url?.startsWith('/internal/revocations'))
        return void res.end(JSON.stringify({ now: Date.now(), revocations }));
      if (req.method !== 'POST') return void res.end(keys);
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        const asked = JSON.parse(Buffer.concat(chunks).toString()) as { service: string } & TestIdentity;
        const accessToken = token({ ...asked, role: 'owner' }, { actor: asked.service, expiresIn: 300 });
        res.end(JSON.stringify({ accessToken, expiresIn: 300 }));
      });
    },
    '127.0.0.1',
    0,
  );
  return { url: `http://127.0.0.1:${portOf(server)}`, token, revocations, close: () => drain(server, 100) };
};
