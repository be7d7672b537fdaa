import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFakeGoogle, type FakeGoogle } from '@atrium/testing';
import request from 'supertest';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

const CALLBACK = 'http://app.test/api/v1/auth/google/callback';
let auth: Auth;
let google: FakeGoogle;
let calendar: Server;
const handedOver: { token: string; body: Record<string, unknown> }[] = [];
beforeAll(async () => {
  google = await startFakeGoogle(CALLBACK);
  calendar = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      handedOver.push({ token: req.headers.authorization ?? '', body: JSON.parse(body) as Record<string, unknown> });
      res.end(JSON.stringify({ id: '01900000-0000-7000-8000-000000000000' }));
    });
  });
  await new Promise<void>((resolve) => calendar.listen(0, '127.0.0.1', resolve));
  const { port } = calendar.address() as AddressInfo;
  auth = await startAuth({ ...google.settings, CALENDAR_URL: `http://127.0.0.1:${port}` });
});
afterEach(() => {
  google.consent = 'allow';
  google.broken = 'nothing';
});
afterAll(async () => {
  await Promise.all([auth.close(), google.close()]);
  calendar.closeAllConnections();
  calendar.close();
});

const person = (more: object = {}) => {
  const email = auth.newEmail();
  google.account = { sub: email, email, email_verified: true, name: 'Somebody', ...more };
  return google.account;
};
const begin = async (purpose = 'sign-in', token?: string) => {
  const call = request(auth.url).get(`/api/v1/auth/google?purpose=${purpose}`).set('accept', 'application/json');
  const answer = await (token === undefined ? call : call.set('authorization', `Bearer ${token}`));
  const cookie = [answer.get('set-cookie') ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');
  return { answer, cookie, url: (answer.body as { url: string }).url };
};
/** What the browser does at Google. @returns the query it brings back */
const visit = async (url: string) => {
  const answer = await fetch(url, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? 'http://refused.test/').searchParams;
};
const comeBack = (query: URLSearchParams, cookie: string) =>
  request(auth.url).get(`/api/v1/auth/google/callback?${query.toString()}`).set('cookie', cookie);
const signIn = async () => {
  const { url, cookie } = await begin();
  return comeBack(await visit(url), cookie);
};

describe('signing in with Google', () => {
  it('creates an account once, and finds it by its subject', async () => {
    const { email } = person();
    const first = await signIn();
    expect(first.status).toBe(200);
    const { user, accessToken } = first.body as SignedIn;
    expect(user.email).toBe(email);
    expect((await auth.me(accessToken)).status).toBe(200);
    google.account = { ...google.account, email: auth.newEmail() };
    expect(((await signIn()).body as SignedIn).user.id).toBe(user.id);
  });

  it('asks with state and PKCE S256, and sends browsers on', async () => {
    const { url } = await begin();
    const asked = new URL(url).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(asked.get('redirect_uri')).toBe(CALLBACK);
    expect(asked.get('access_type')).toBeNull();
    const browser = await request(auth.url).get('/api/v1/auth/google').set('accept', 'text/html');
    expect(browser.status).toBe(302);
    expect(browser.get('set-cookie')?.[0]).toMatch(/HttpOnly.*SameSite=Lax/);
  });

  it('refuses an address that Google did not verify, and changes nothing', async () => {
    const { email } = person({ email_verified: false });
    expect((await signIn()).body).toMatchObject({ status: 403, code: 'auth.google_email_unverified' });
    expect(await auth.database.query(`select 1 from auth.users where email = $1`, [email])).toEqual([]);
  });

  it('gives nobody an account whose address was not verified here, until its owner links it', async () => {
    const { email } = person();
    const local = await auth.register(email);
    expect((await signIn()).body).toMatchObject({ status: 409, code: 'auth.google_link_required' });
    const { url, cookie } = await begin('link', local.accessToken);
    expect((await comeBack(await visit(url), cookie)).body).toEqual({ connected: 'link' });
    expect(((await signIn()).body as SignedIn).user.id).toBe(local.user.id);
    const other = await auth.register(auth.newEmail());
    const again = await begin('link', other.accessToken);
    expect((await comeBack(await visit(again.url), again.cookie)).body).toMatchObject({
      code: 'auth.google_linked_elsewhere',
    });
  });

  it('links for nobody who is not signed in', async () => {
    for (const purpose of ['link', 'calendar']) expect((await begin(purpose)).answer.status).toBe(401);
    expect((await begin('other')).answer.status).toBe(422);
  });
});

describe('coming back', () => {
  it('works once', async () => {
    person();
    const { url, cookie } = await begin();
    const query = await visit(url);
    const answers = await Promise.all([comeBack(query, cookie), comeBack(query, cookie)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await comeBack(query, cookie)).body).toMatchObject({ code: 'auth.google_state_unknown' });
  });

  it('refuses what another browser began', async () => {
    person();
    const [mine, theirs] = [await begin(), await begin()];
    for (const cookie of [theirs.cookie, '', 'atrium_google=', 'atrium_google=made-up']) {
      const { url } = await begin();
      expect((await comeBack(await visit(url), cookie)).body).toMatchObject({ code: 'auth.google_state_unknown' });
    }
    const swapped = await visit(theirs.url);
    const own = await visit(mine.url);
    swapped.set('state', own.get('state') ?? '');
    expect((await comeBack(swapped, mine.cookie)).body).toMatchObject({ code: 'auth.google_refused' });
  });

  it('refuses a code of a flow whose PKCE was changed on the way', async () => {
    person();
    for (const change of [
      { code_challenge: 'A'.repeat(43) },
      { code_challenge_method: 'plain' },
      { code_challenge: '' },
    ]) {
      const { url, cookie } = await begin();
      const bent = new URL(url);
      for (const [name, value] of Object.entries(change)) bent.searchParams.set(name, value);
      expect((await comeBack(await visit(bent.href), cookie)).body).toMatchObject({ code: 'auth.google_refused' });
    }
  });

  it('refuses another issuer, a denial, and a request with nothing in it', async () => {
    person();
    for (const bend of [
      (query: URLSearchParams) => query.set('iss', 'https://evil.test'),
      (query: URLSearchParams) => query.delete('code'),
      (query: URLSearchParams) => query.set('error', 'access_denied'),
      (query: URLSearchParams) => query.set('code', 'made-up'),
    ]) {
      const { url, cookie } = await begin();
      const query = await visit(url);
      bend(query);
      expect((await comeBack(query, cookie)).body).toMatchObject({ status: 400, code: 'auth.google_refused' });
    }
    expect((await comeBack(new URLSearchParams(), '')).status).toBe(422);
  });

  it.each(['token-500', 'token-garbage', 'userinfo-500', 'userinfo-garbage'] as const)(
    'says so at %s',
    async (broken) => {
      person();
      google.broken = broken;
      expect((await signIn()).body).toMatchObject({ status: 503, code: 'auth.google_unavailable' });
    },
  );

  const bent = [
    `${CALLBACK}/`,
    `${CALLBACK}?x=1`,
    `${CALLBACK}#x`,
    `${CALLBACK}%2f`,
    `${CALLBACK}/..`,
    `${CALLBACK}.evil.test`,
    CALLBACK.replace('http', 'https'),
    CALLBACK.replace('app.test', 'evil.test'),
    CALLBACK.replace('app.test', 'app.test:81'),
    CALLBACK.replace('app.test', 'app.test.evil.test'),
    CALLBACK.replace('app.test', 'app.test@evil.test'),
    CALLBACK.replace('app.test', 'evil.test#app.test'),
    CALLBACK.replace('app.test', 'sub.app.test'),
    CALLBACK.replace('app.test', 'APP.test'),
    CALLBACK.replace('callback', 'CALLBACK'),
    CALLBACK.replace('/api', '//api'),
    CALLBACK.replace('/v1', '/v1/../v1'),
    CALLBACK.replace('/v1', '/%761'),
    'javascript:alert(1)',
    '//evil.test',
    '',
    ' ',
    `${CALLBACK} `,
    `${CALLBACK}\\`,
  ];
  it.each(bent)('takes no redirect address from the request: %j', async (address) => {
    for (const name of ['redirect_uri', 'callbackURL', 'returnTo']) {
      const answer = await request(auth.url)
        .get(`/api/v1/auth/google?${name}=${encodeURIComponent(address)}`)
        .set('accept', 'application/json');
      expect(answer.status).toBe(422);
    }
    const { url } = await begin();
    const changed = new URL(url);
    changed.searchParams.set('redirect_uri', address);
    expect((await fetch(changed, { redirect: 'manual' })).status).toBe(400);
  });
});

describe('connecting a calendar', () => {
  it('asks for it offline and hands the grant over for the person who began', async () => {
    const mine = await auth.register(auth.newEmail());
    const { email } = person();
    const { url, cookie } = await begin('calendar', mine.accessToken);
    const asked = new URL(url).searchParams;
    expect([asked.get('access_type'), asked.get('prompt')]).toEqual(['offline', 'consent']);
    expect((await comeBack(await visit(url), cookie)).body).toEqual({ connected: 'calendar' });
    const [given] = handedOver;
    expect(given?.body).toMatchObject({ provider: 'google', account: email, subject: email });
    expect(given?.body['refreshToken']).toMatch(/^1\/\//);
    const [, claims = ''] = given?.token.split('.') ?? [];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      sub: mine.user.id,
      wid: mine.workspace.id,
      act: { sub: 'auth' },
    });
  });

  it('hands over nothing when the calendar was not allowed, or the session has ended meanwhile', async () => {
    const mine = await auth.register(auth.newEmail());
    const before = handedOver.length;
    google.consent = 'untick-calendar';
    const first = await begin('calendar', mine.accessToken);
    expect((await comeBack(await visit(first.url), first.cookie)).body).toMatchObject({
      code: 'auth.google_scope_missing',
    });
    google.consent = 'allow';
    const second = await begin('calendar', mine.accessToken);
    await auth.logout(mine.accessToken);
    expect((await comeBack(await visit(second.url), second.cookie)).status).toBe(401);
    expect(handedOver).toHaveLength(before);
  });
});

describe('without settings', () => {
  let bare: Auth;
  beforeAll(async () => {
    bare = await startAuth();
  });
  afterAll(() => bare.close());
  it.each(['google', 'google/callback?state=x&code=y'])('says what to set: %s', async (path) => {
    const answer = await request(bare.url).get(`/api/v1/auth/${path}`);
    expect(answer.body).toMatchObject({ status: 503, code: 'auth.google_not_configured' });
    expect((answer.body as { detail: string }).detail).toContain('GOOGLE_CLIENT_ID');
  });
});
