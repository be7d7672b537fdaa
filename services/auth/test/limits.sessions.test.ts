import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth({ SESSION_MAX_AGE_SECONDS: '600', SESSION_IDLE_SECONDS: '60', SESSIONS_PER_USER: '2' });
});
afterAll(() => auth.close());

const left = async (userId: string): Promise<number[]> => {
  const rows = await auth.database.query<{ left: number }>(
    `select round(extract(epoch from expires_at - now()))::int as left from auth.sessions where user_id = $1`,
    [userId],
  );
  return rows.map((row) => row.left);
};
const age = (userId: string, seconds: number) =>
  auth.database.query(`update auth.sessions set created_at = now() - make_interval(secs => $2) where user_id = $1`, [
    userId,
    seconds,
  ]);

describe('the limits of sessions', () => {
  it('end one that is not used', async () => {
    const { user, refreshToken } = await auth.register(auth.newEmail());
    expect(await left(user.id)).toEqual([60]);
    await auth.database.query(
      `update auth.refresh_tokens t set expires_at = now() from auth.sessions s
       where s.id = t.session_id and s.user_id = $1`,
      [user.id],
    );
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ status: 401, code: 'auth.refresh_expired' });
  });

  it('end one by its age, however much it is used, and no token outlives it', async () => {
    const { user, refreshToken } = await auth.register(auth.newEmail());
    await age(user.id, 590);
    const pair = (await auth.refresh(refreshToken)).body as SignedIn;
    expect((await left(user.id))[0]).toBeLessThanOrEqual(10);
    expect(pair.expiresIn).toBeLessThanOrEqual(10);
    await age(user.id, 601);
    expect((await auth.refresh(pair.refreshToken)).body).toMatchObject({ status: 401, code: 'auth.refresh_expired' });
  });

  it('end the one unused for longest when there are too many', async () => {
    const email = auth.newEmail();
    const first = await auth.register(email);
    const second = (await auth.login(email)).body as SignedIn;
    const fresh = (await auth.refresh(first.refreshToken)).body as SignedIn;
    const third = (await auth.login(email)).body as SignedIn;
    expect((await auth.me(second.accessToken)).body).toMatchObject({ code: 'token.revoked' });
    expect((await auth.refresh(second.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    for (const { accessToken } of [fresh, third]) expect((await auth.me(accessToken)).status).toBe(200);
  });
});
