import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AGENT_SECRET, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const hashOf = (token: string) => createHash('sha256').update(token).digest();
const next = async (token: string): Promise<string> =>
  ((await auth.refresh(token)).body as { refreshToken: string }).refreshToken;
const spentLongAgo = (token: string) =>
  auth.database.query(`update auth.refresh_tokens set spent_at = now() - interval '11 seconds' where hash = $1`, [
    hashOf(token),
  ]);
const sessionOf = async (token: string) =>
  (
    await auth.database.query<{ revoked_reason: string | null; ip: string; user_agent: string; left: number }>(
      `select s.revoked_reason, host(s.ip) as ip, s.user_agent, extract(epoch from s.expires_at - now())::float as left
       from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id where t.hash = $1`,
      [hashOf(token)],
    )
  )[0];
const signUp = (): Promise<SignedIn> => auth.register(auth.newEmail());

describe('refreshing', () => {
  it('gives the next token and a new access token', async () => {
    const { refreshToken, user } = await signUp();
    const answer = await auth.refresh(refreshToken);
    expect(answer.status).toBe(200);
    const pair = answer.body as SignedIn;
    expect(Object.keys(pair).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken']);
    expect(pair.refreshToken).not.toBe(refreshToken);
    expect((await auth.me(pair.accessToken)).body).toMatchObject({ user: { id: user.id } });
    expect((await auth.refresh(pair.refreshToken)).status).toBe(200);
  });

  it('gives twenty that come at once the one successor', async () => {
    const { refreshToken } = await signUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const successors = new Set(answers.map(({ body }) => (body as SignedIn).refreshToken));
    expect(successors.size).toBe(1);
    const children = await auth.database.query(`select 1 from auth.refresh_tokens where parent_hash = $1`, [
      hashOf(refreshToken),
    ]);
    expect(children).toHaveLength(1);
    expect((await auth.refresh([...successors][0] ?? '')).status).toBe(200);
  });

  it('ends the whole family when a spent token comes back late', async () => {
    const { refreshToken: first, accessToken } = await signUp();
    const second = await next(first);
    const third = await next(second);
    await spentLongAgo(first);
    expect((await auth.refresh(first)).body).toMatchObject({ status: 401, code: 'auth.refresh_reused' });
    expect((await auth.refresh(third)).body).toMatchObject({ status: 401, code: 'auth.session_ended' });
    expect((await auth.refresh(second)).body).toMatchObject({ status: 401, code: 'auth.session_ended' });
    expect((await auth.me(accessToken)).body).toMatchObject({ status: 401, code: 'token.revoked' });
    expect((await sessionOf(first))?.revoked_reason).toBe('reuse');
  });

  it('ends that family only', async () => {
    const email = auth.newEmail();
    const { refreshToken: stolen } = await auth.register(email);
    const { refreshToken: other } = (await auth.login(email)).body as SignedIn;
    await next(stolen);
    await spentLongAgo(stolen);
    expect((await auth.refresh(stolen)).status).toBe(401);
    expect((await auth.refresh(other)).status).toBe(200);
  });

  it('refuses what it never issued, and what has expired, by their own codes', async () => {
    for (const token of ['x', 'a'.repeat(43), "' or 1=1 --"])
      expect((await auth.refresh(token)).body).toMatchObject({ status: 401, code: 'auth.refresh_unknown' });
    const { refreshToken } = await signUp();
    await auth.database.query(`update auth.refresh_tokens set expires_at = now() where hash = $1`, [
      hashOf(refreshToken),
    ]);
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ status: 401, code: 'auth.refresh_expired' });
    expect((await auth.refresh('')).body).toMatchObject({ status: 422, code: 'request.invalid' });
  });

  it('reads role and status anew', async () => {
    const { refreshToken, user } = await signUp();
    await auth.database.query(`update auth.members set role = 'viewer' where user_id = $1`, [user.id]);
    const { accessToken, refreshToken: second } = (await auth.refresh(refreshToken)).body as SignedIn;
    const [, claims = ''] = accessToken.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ role: 'viewer' });
    await auth.database.query(`update auth.users set disabled_at = now() where id = $1`, [user.id]);
    expect((await auth.refresh(second)).body).toMatchObject({ status: 401, code: 'auth.session_ended' });
    expect((await sessionOf(second))?.revoked_reason).toBe('access_lost');
  });

  it('stores no token, and forgets sealed successors once their grace is over', async () => {
    const { refreshToken: first } = await signUp();
    const second = await next(first);
    await spentLongAgo(first);
    const third = await next(second);
    const rows = await auth.database.query<{ row: string; sealed: boolean }>(
      `select t::text as row, sealed_successor is not null as sealed from auth.refresh_tokens t
       where hash = any($1) order by issued_at`,
      [[first, second, third].map(hashOf)],
    );
    expect(rows.map(({ sealed }) => sealed)).toEqual([false, true, false]);
    for (const { row } of rows) {
      for (const token of [first, second, third]) {
        expect(row).not.toContain(token);
        expect(row).not.toContain(Buffer.from(token).toString('hex'));
      }
    }
  });

  it('remembers the device, and lasts seven days from the last use', async () => {
    const { refreshToken } = await signUp();
    await auth.database.query(
      `update auth.sessions set expires_at = now() where id =
         (select session_id from auth.refresh_tokens where hash = $1)`,
      [hashOf(refreshToken)],
    );
    const session = await sessionOf(await next(refreshToken));
    expect(session).toMatchObject({ ip: '127.0.0.1', user_agent: 'a test', revoked_reason: null });
    expect(Math.round((session?.left ?? 0) / 3600)).toBe(168);
  });
});

describe('signing out', () => {
  it('ends the session, and its tokens are good for nothing', async () => {
    const { accessToken, refreshToken } = await signUp();
    expect((await auth.logout(accessToken)).status).toBe(204);
    expect((await auth.logout(accessToken)).body).toMatchObject({ status: 401, code: 'token.revoked' });
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ status: 401, code: 'auth.session_ended' });
    expect((await auth.me(accessToken)).body).toMatchObject({ status: 401, code: 'token.revoked' });
    expect((await sessionOf(refreshToken))?.revoked_reason).toBe('logout');
  });

  it('needs a token', async () => {
    expect((await auth.post('/api/v1/auth/logout', {})).body).toMatchObject({ status: 401, code: 'token.missing' });
  });
});

interface Listed {
  readonly data: { id: string; current: boolean; device: string | null; ip: string; lastSeenAt: string }[];
  readonly page: { nextCursor: string | null; hasMore: boolean };
}
const list = async (token: string, query = ''): Promise<Listed> =>
  (await auth.get(`/api/v1/auth/sessions${query}`, token)).body as Listed;
const sidOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid;

describe('the list of sessions', () => {
  it('shows where the user is signed in, and which one asks', async () => {
    const email = auth.newEmail();
    const first = await auth.register(email);
    const second = (await auth.login(email)).body as SignedIn;
    await signUp();
    const { data, page } = await list(second.accessToken);
    expect(data.map(({ id, current }) => [id, current])).toEqual([
      [sidOf(second.accessToken), true],
      [sidOf(first.accessToken), false],
    ]);
    expect(data[0]).toMatchObject({
      ip: '127.0.0.1',
      userAgent: 'a test',
      device: null,
      workspaceId: first.workspace.id,
    });
    expect(page).toEqual({ nextCursor: null, hasMore: false });
  });

  it('comes in pages, and leaves out what has ended', async () => {
    const email = auth.newEmail();
    const { accessToken } = await auth.register(email);
    const others = [];
    for (let one = 0; one < 3; one += 1) others.push(((await auth.login(email)).body as SignedIn).accessToken);
    await auth.logout(others[1] ?? '');
    const first = await list(accessToken, '?limit=2');
    const rest = await list(accessToken, `?limit=2&cursor=${first.page.nextCursor}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(
      [others[2], others[0], accessToken].map((token) => sidOf(token ?? '')),
    );
    expect(rest.page.hasMore).toBe(false);
    expect((await auth.get('/api/v1/auth/sessions?cursor=x', accessToken)).status).toBe(422);
  });

  it("ends one of them, of one's own only", async () => {
    const email = auth.newEmail();
    const first = await auth.register(email);
    const second = (await auth.login(email)).body as SignedIn;
    const stranger = await signUp();
    const path = `/api/v1/auth/sessions/${sidOf(first.accessToken)}`;
    expect((await auth.remove(path, stranger.accessToken)).status).toBe(404);
    expect((await auth.me(first.accessToken)).status).toBe(200);
    expect((await auth.remove(path, second.accessToken)).status).toBe(204);
    expect((await auth.me(first.accessToken)).body).toMatchObject({ code: 'token.revoked' });
    expect((await auth.refresh(first.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await auth.remove(path, second.accessToken)).status).toBe(404);
    expect((await auth.remove('/api/v1/auth/sessions/x', second.accessToken)).status).toBe(422);
    expect((await auth.me(second.accessToken)).status).toBe(200);
  });

  it('is not for services that act for somebody', async () => {
    const { user, workspace } = await signUp();
    const answer = await auth.exchange({
      service: 'agent-orchestrator',
      secret: AGENT_SECRET,
      userId: user.id,
      workspaceId: workspace.id,
    });
    const { accessToken } = answer.body as SignedIn;
    expect((await auth.get('/api/v1/auth/sessions', accessToken)).status).toBe(403);
    expect((await auth.post('/api/v1/auth/logout-all', {}, accessToken)).status).toBe(403);
  });
});

describe('signing out everywhere', () => {
  it("ends every session, and what services hold for the user, but nobody else's", async () => {
    const email = auth.newEmail();
    const first = await auth.register(email);
    const second = (await auth.login(email)).body as SignedIn;
    const stranger = await signUp();
    const held = await auth.exchange({
      service: 'agent-orchestrator',
      secret: AGENT_SECRET,
      userId: first.user.id,
      workspaceId: first.workspace.id,
    });
    expect((await auth.post('/api/v1/auth/logout-all', {}, first.accessToken)).status).toBe(204);
    for (const { accessToken } of [first, second, held.body as SignedIn])
      expect((await auth.me(accessToken)).body).toMatchObject({ code: 'token.revoked' });
    for (const { refreshToken } of [first, second])
      expect((await auth.refresh(refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await auth.me(stranger.accessToken)).status).toBe(200);
    const again = (await auth.login(email)).body as SignedIn;
    expect((await auth.me(again.accessToken)).status).toBe(200);
  });
});
