import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createKeySource,
  createRevocationSource,
  createTokenVerifier,
  livePattern,
  type LiveMessage,
  openRedis,
  revocationChannel,
  watchRevocations,
} from '@atrium/service-kit';
import { eventually, redisUrl } from '@atrium/testing';
import { AGENT_SECRET, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const NOTHING = { warn: () => undefined, info: () => undefined } as never;

/** Another service: it knows auth by HTTP and Redis only. */
const startNeighbour = (url: string) => {
  const redis = openRedis(url, { log: NOTHING, name: 'neighbour', patient: true });
  const watch = watchRevocations({
    source: createRevocationSource(auth.url),
    redis,
    prefix: auth.prefix,
    log: NOTHING,
  });
  const verify = createTokenVerifier(createKeySource(`${auth.url}/.well-known/jwks.json`), Date.now, watch);
  const takes = (token: string): Promise<boolean> =>
    verify(token).then(
      () => true,
      (error: { code?: string }) => {
        if (error.code !== 'token.revoked') throw error;
        return false;
      },
    );
  return {
    takes,
    /** Uses the token without pause. @returns milliseconds from now to its last accepted use */
    async lastUse(token: string): Promise<number> {
      const began = performance.now();
      let last = 0;
      while (await takes(token)) {
        last = performance.now() - began;
        if (last > 5_000) throw new Error('the token is still taken');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return last;
    },
    close() {
      watch.close();
      redis.disconnect();
    },
  };
};
const signUp = (): Promise<SignedIn> => auth.register(auth.newEmail());
const open: { close(): void }[] = [];
const neighbour = (url = redisUrl()) => {
  const one = startNeighbour(url);
  open.push(one);
  return one;
};
afterAll(() => open.forEach((one) => one.close()));

describe('a revocation', () => {
  it('is known everywhere within a second of the commit', async () => {
    const service = neighbour();
    const { accessToken, refreshToken } = await signUp();
    expect(await service.takes(accessToken)).toBe(true);
    expect((await auth.logout(accessToken)).status).toBe(204);
    expect(await service.lastUse(accessToken)).toBeLessThan(1_000);
    expect((await auth.refresh(refreshToken)).status).toBe(401);
  });

  it('is known within a second with Redis down too', async () => {
    const service = neighbour('redis://127.0.0.1:1');
    const { accessToken } = await signUp();
    expect(await service.takes(accessToken)).toBe(true);
    expect((await auth.logout(accessToken)).status).toBe(204);
    expect(await service.lastUse(accessToken)).toBeLessThan(1_000);
  });

  it('is known to a service that starts later, and to one that missed the message', async () => {
    const { accessToken } = await signUp();
    await auth.logout(accessToken);
    expect(await neighbour().takes(accessToken)).toBe(false);
    const { accessToken: second } = await signUp();
    const deaf = neighbour();
    expect(await deaf.takes(second)).toBe(true);
    // As if the process that ended the session had died before it could tell anybody.
    await auth.database.query(
      `insert into auth.revocations (id, kind, subject_id, at, until)
       values (gen_random_uuid(), 'session', $1, now(), now() + interval '1 hour')`,
      [(JSON.parse(Buffer.from(second.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid],
    );
    expect(await deaf.lastUse(second)).toBeLessThan(1_000);
  });

  it('of a user recalls what they were given, not what they are given next', async () => {
    const service = neighbour();
    const { user, workspace, refreshToken, accessToken } = await signUp();
    const ask = { service: 'agent-orchestrator', secret: AGENT_SECRET, userId: user.id, workspaceId: workspace.id };
    const held = (await auth.exchange(ask)).body as SignedIn;
    await auth.post('/api/v1/auth/logout-all', {}, accessToken);
    for (const token of [accessToken, held.accessToken]) expect(await service.lastUse(token)).toBeLessThan(1_000);
    expect(await service.takes(((await auth.exchange(ask)).body as SignedIn).accessToken)).toBe(true);
    expect((await auth.refresh(refreshToken)).status).toBe(401);
  });

  it('is remembered until the tokens have expired, and then forgotten', async () => {
    const { accessToken } = await signUp();
    await auth.logout(accessToken);
    const [row] = await eventually(async () => {
      const rows = await auth.database.query<{ left: number; told: boolean }>(
        `select extract(epoch from until - now())::float as left, announced_at is not null as told
         from auth.revocations order by at desc limit 1`,
      );
      return rows[0]?.told && rows;
    });
    expect(row?.left).toBeGreaterThan(900);
    expect(row?.left).toBeLessThan(1_000);
  });

  it('is not made up by unreadable messages', async () => {
    const service = neighbour();
    const { accessToken } = await signUp();
    expect(await service.takes(accessToken)).toBe(true);
    for (const text of ['', '{', '[]', '{"revocations":[{"kind":"all"}]}'])
      await auth.redis.publish(revocationChannel(auth.prefix), text);
    expect(await service.takes(accessToken)).toBe(true);
  });
});

describe('a spent refresh token that comes back', () => {
  it('recalls the access tokens of its session', async () => {
    const { refreshToken, accessToken } = await signUp();
    const next = (await auth.refresh(refreshToken)).body as SignedIn;
    await auth.database.query(
      `update auth.refresh_tokens set spent_at = now() - interval '1 minute' where spent_at is not null`,
    );
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ code: 'auth.refresh_reused' });
    for (const token of [accessToken, next.accessToken])
      expect((await auth.me(token)).body).toMatchObject({ code: 'token.revoked' });
  });

  it('is told to its user as an event', async () => {
    const { refreshToken, user, workspace } = await signUp();
    const heard: LiveMessage[] = [];
    const ears = auth.redis.duplicate();
    ears.on('message', (_channel, text) => heard.push(JSON.parse(text) as LiveMessage));
    await ears.subscribe(livePattern(auth.prefix).replace('*', workspace.id));
    await auth.refresh(refreshToken);
    await auth.database.query(
      `update auth.refresh_tokens t set spent_at = now() - interval '1 minute' from auth.sessions s
       where s.id = t.session_id and s.user_id = $1 and spent_at is not null`,
      [user.id],
    );
    await auth.refresh(refreshToken);
    const [message] = await eventually(async () => heard.length > 0 && heard);
    ears.disconnect();
    expect(message).toMatchObject({
      audience: 'user',
      envelope: {
        type: 'auth.session.reuse_detected.v1',
        workspaceid: workspace.id,
        userid: user.id,
        data: { userId: user.id, ip: '127.0.0.1', userAgent: 'a test' },
      },
    });
  });
});
