import { createPublicKey, randomUUID } from 'node:crypto';
import { exchangeToken } from '@atrium/contracts';
import { callService, createKeySource, createTokenVerifier } from '@atrium/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import request from 'supertest';
import { AGENT_SECRET, startAuth, type Auth } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const keysUrl = () => `${auth.url}/.well-known/jwks.json`;
const ask = (userId: string, workspaceId: string, change: object = {}) =>
  auth.exchange({ service: 'agent-orchestrator', secret: AGENT_SECRET, userId, workspaceId, ...change });

describe('public keys', () => {
  it('are the signing key without its secret part', async () => {
    const answer = await request(auth.url).get('/.well-known/jwks.json');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
    const { keys } = answer.body as { keys: { kid: string; kty: string; crv: string; x: string; y: string }[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
    const published = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    expect(published.equals(auth.publicKey)).toBe(true);
  });
});

describe('access tokens', () => {
  it('say what they are to say, and no more', async () => {
    const { accessToken, user, workspace } = await auth.register(auth.newEmail());
    const { header, payload } = jwt.verify(accessToken, auth.publicKey, { algorithms: ['ES256'], complete: true });
    expect(Object.keys(header).sort()).toEqual(['alg', 'kid', 'typ']);
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    const { iat = 0, exp = 0, sid, ...claims } = payload as jwt.JwtPayload;
    expect(claims).toEqual({ sub: user.id, wid: workspace.id, role: 'owner', iss: 'atrium', aud: 'atrium' });
    expect(exp - Math.floor(iat)).toBe(900);
    expect(sid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('are verified by every service with the published keys', async () => {
    const { accessToken, user, workspace } = await auth.register(auth.newEmail());
    const identity = await createTokenVerifier(createKeySource(keysUrl()))(accessToken);
    expect(identity.tenant).toMatchObject({ userId: user.id, workspaceId: workspace.id, role: 'owner' });
  });
});

describe('delegated tokens', () => {
  it('carry the service that acts, for five minutes, by the contract', async () => {
    const { user, workspace } = await auth.register(auth.newEmail());
    const { accessToken, expiresIn } = await callService(exchangeToken, {
      baseUrl: auth.url,
      input: { service: 'agent-orchestrator', secret: AGENT_SECRET, userId: user.id, workspaceId: workspace.id },
    });
    expect(expiresIn).toBe(300);
    const payload = jwt.verify(accessToken, auth.publicKey) as jwt.JwtPayload;
    expect(payload).toMatchObject({
      sub: user.id,
      wid: workspace.id,
      role: 'owner',
      act: { sub: 'agent-orchestrator' },
    });
    expect((payload.exp ?? 0) - Math.floor(payload.iat ?? 0)).toBe(300);
    expect(payload).not.toHaveProperty('sid');
    expect((await auth.me(accessToken)).status).toBe(200);
    expect((await auth.logout(accessToken)).body).toMatchObject({ status: 403, code: 'access.forbidden' });
  });

  it('are refused to a wrong secret and to an unknown service alike', async () => {
    const { user, workspace } = await auth.register(auth.newEmail());
    for (const change of [
      { secret: `${AGENT_SECRET}x` },
      { secret: '' },
      { service: 'billing' },
      { service: '__proto__' },
    ]) {
      const answer = await ask(user.id, workspace.id, change);
      expect(answer.body).toMatchObject({ status: 401, code: 'auth.invalid_service' });
    }
  });

  it('are refused for strangers, for those who were removed, and for the disabled', async () => {
    const [ana, bea] = [await auth.register(auth.newEmail()), await auth.register(auth.newEmail())];
    const lost = { status: 403, code: 'auth.access_lost' };
    expect((await ask(ana.user.id, bea.workspace.id)).body).toMatchObject(lost);
    expect((await ask(randomUUID(), ana.workspace.id)).body).toMatchObject(lost);
    await auth.database.query(`delete from auth.members where user_id = $1`, [ana.user.id]);
    expect((await ask(ana.user.id, ana.workspace.id)).body).toMatchObject(lost);
    await auth.database.query(`update auth.users set disabled_at = now() where id = $1`, [bea.user.id]);
    expect((await ask(bea.user.id, bea.workspace.id)).body).toMatchObject(lost);
  });

  it('are not in the public document', async () => {
    const answer = await request(auth.url).get('/openapi.json');
    const { paths } = answer.body as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toContain('/api/v1/auth/login');
    expect(Object.keys(paths).filter((path) => path.includes('internal') || path.includes('/tokens'))).toEqual([]);
  });
});
