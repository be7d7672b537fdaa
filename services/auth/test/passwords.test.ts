import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import request from 'supertest';
import { PASSWORD, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

const NEXT = 'another long pass phrase';
let auth: Auth;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'atrium-mail-'));
  auth = await startAuth({ MAIL_DIR: dir, APP_URL: 'https://app.example.com/', MAILS_PER_ADDRESS: '1000' });
});
afterAll(async () => {
  await auth.close();
  await rm(dir, { recursive: true });
});

/** Quoted-printable (RFC 2045 §6.7) undone, so that long lines and accents can be read. */
const decode = (text: string): string => {
  const joined = text.replace(/=\r?\n/g, '');
  return Buffer.from(
    joined.replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
};
const mailsTo = async (email: string): Promise<string[]> => {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.eml')).sort();
  const all = await Promise.all(files.map((file) => readFile(path.join(dir, file), 'utf8')));
  return all.map(decode).filter((mail) => mail.includes(`To: ${email}`));
};
const mailNumber = (email: string, at: number): Promise<string> => eventually(async () => (await mailsTo(email))[at]);
const tokenIn = (mail: string): string => /#token=([\w-]{43})/.exec(mail)?.[1] ?? '';

const forgot = (email: string) => auth.post('/api/v1/auth/password/forgot', { email });
const reset = (token: string, password = NEXT) => auth.post('/api/v1/auth/password/reset', { token, password });
const verify = (token: string) => auth.post('/api/v1/auth/verify-email', { token });
const resend = (email: string) => auth.post('/api/v1/auth/verify-email/resend', { email });
const change = (token: string, currentPassword: string, newPassword: string) =>
  request(auth.url)
    .put('/api/v1/users/password')
    .set('authorization', `Bearer ${token}`)
    .send({ currentPassword, newPassword });
const isVerified = async (token: string): Promise<boolean> =>
  ((await auth.me(token)).body as { user: { emailVerified: boolean } }).user.emailVerified;
const jobsDone = () =>
  eventually(async () => {
    const rows = await auth.database.query(`select 1 from auth.jobs where state in ('queued', 'running')`);
    return rows.length === 0;
  });

describe('confirming an address', () => {
  it('works once, with the link that signing up mails', async () => {
    const email = auth.newEmail();
    const { accessToken } = await auth.register(email, { name: 'Ana' });
    const mail = await mailNumber(email, 0);
    expect(mail).toContain('Subject: Confirm your email address');
    expect(mail).toContain('https://app.example.com/verify-email#token=');
    expect(await isVerified(accessToken)).toBe(false);
    expect((await verify(tokenIn(mail))).status).toBe(204);
    expect(await isVerified(accessToken)).toBe(true);
    expect((await verify(tokenIn(mail))).body).toMatchObject({ status: 400, code: 'auth.link_invalid' });
  });

  it('speaks the language of the user', async () => {
    const [pt, es] = [auth.newEmail(), auth.newEmail()];
    await Promise.all([auth.register(pt, { locale: 'pt' }), auth.register(es, { locale: 'es' })]);
    expect(await mailNumber(pt, 0)).toContain('Olá');
    expect(await mailNumber(es, 0)).toContain('que esta dirección de correo es tuya');
  });

  it('keeps mails and links to those they are for', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    const token = tokenIn(await mailNumber(email, 0));
    const [file = ''] = await readdir(dir);
    expect((await stat(path.join(dir, file))).mode & 0o777).toBe(0o600);
    for (const table of ['email_tokens', 'jobs'])
      expect(JSON.stringify(await auth.database.query(`select t::text from auth.${table} t`))).not.toContain(token);
  });

  it('refuses links that are old, made up, for something else, or for an address that changed', async () => {
    const email = auth.newEmail();
    const { user } = await auth.register(email);
    const token = tokenIn(await mailNumber(email, 0));
    expect((await reset(token)).body).toMatchObject({ code: 'auth.link_invalid' });
    for (const wrong of ['x', token.slice(1), `${token}a`]) expect((await verify(wrong)).status).toBe(400);
    expect((await verify('')).status).toBe(422);
    await auth.database.query(`update auth.users set email = 'new-' || email where id = $1`, [user.id]);
    expect((await verify(token)).status).toBe(400);
    await auth.database.query(`update auth.users set email = $2 where id = $1`, [user.id, email]);
    await auth.database.query(`update auth.email_tokens set expires_at = now() where user_id = $1`, [user.id]);
    expect((await verify(token)).status).toBe(400);
  });

  it('mails once more when asked, not when it is done, and says nothing either way', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    await mailNumber(email, 0);
    const answers = [await resend(email), await resend(auth.newEmail())];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [204, ''],
      [204, ''],
    ]);
    const second = await mailNumber(email, 1);
    expect((await verify(tokenIn(second))).status).toBe(204);
    await resend(email);
    await jobsDone();
    expect(await mailsTo(email)).toHaveLength(2);
  });
});

describe('a forgotten password', () => {
  it('is replaced once, by the mailed link, and every session ends', async () => {
    const email = auth.newEmail();
    const { accessToken, refreshToken } = await auth.register(email);
    await mailNumber(email, 0);
    expect((await forgot(email)).status).toBe(204);
    const token = tokenIn(await mailNumber(email, 1));
    expect((await reset(token, 'short')).status).toBe(422);
    const answers = await Promise.all([reset(token), reset(token), reset(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 400, 400]);
    expect((await auth.me(accessToken)).body).toMatchObject({ code: 'token.revoked' });
    expect((await auth.refresh(refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await auth.login(email)).status).toBe(401);
    const { accessToken: fresh } = (await auth.login(email, NEXT)).body as SignedIn;
    // Who reads the mail has shown that the address is theirs.
    expect(await isVerified(fresh)).toBe(true);
    expect(await mailNumber(email, 2)).toContain('Subject: Your password was changed');
  });

  it('makes the other links useless', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    await mailNumber(email, 0);
    await forgot(email);
    const first = tokenIn(await mailNumber(email, 1));
    await forgot(email);
    const second = tokenIn(await mailNumber(email, 2));
    expect((await reset(first)).status).toBe(204);
    expect((await reset(second)).status).toBe(400);
  });

  it('gets the same answer for nobody, and only so many mails', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    const answers = [await forgot(auth.newEmail())];
    for (let one = 0; one < 7; one += 1) answers.push(await forgot(email));
    expect(new Set(answers.map(({ status, text }) => `${status}${text}`))).toEqual(new Set(['204']));
    await jobsDone();
    expect(await mailsTo(email)).toHaveLength(1 + 5);
    expect((await forgot('no address')).status).toBe(422);
  });
});

describe('changing the password', () => {
  it('needs the current one, and ends every other session', async () => {
    const email = auth.newEmail();
    const other = await auth.register(email);
    const own = (await auth.login(email)).body as SignedIn;
    expect((await change(own.accessToken, 'not the password', NEXT)).body).toMatchObject({
      status: 403,
      code: 'auth.wrong_password',
    });
    expect((await change(own.accessToken, PASSWORD, PASSWORD)).body).toMatchObject({
      status: 422,
      code: 'auth.same_password',
    });
    expect((await change(own.accessToken, PASSWORD, 'short')).body).toMatchObject({
      status: 422,
      code: 'request.invalid',
    });
    expect((await auth.me(other.accessToken)).status).toBe(200);
    expect((await change(own.accessToken, PASSWORD, NEXT)).status).toBe(204);
    expect((await auth.me(other.accessToken)).body).toMatchObject({ code: 'token.revoked' });
    expect((await auth.refresh(other.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await auth.me(own.accessToken)).status).toBe(200);
    expect((await auth.refresh(own.refreshToken)).status).toBe(200);
    expect((await auth.login(email)).status).toBe(401);
    expect((await auth.login(email, NEXT)).status).toBe(200);
  });

  it('happens once when two devices do it at once', async () => {
    const email = auth.newEmail();
    const first = await auth.register(email);
    const second = (await auth.login(email)).body as SignedIn;
    const answers = await Promise.all([
      change(first.accessToken, PASSWORD, `${NEXT} 1`),
      change(second.accessToken, PASSWORD, `${NEXT} 2`),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const logins = [await auth.login(email, `${NEXT} 1`), await auth.login(email, `${NEXT} 2`)];
    expect(logins.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('counts guesses as sign-ins are counted', async () => {
    const { accessToken } = await auth.register(auth.newEmail());
    for (let guess = 0; guess < 10; guess += 1)
      expect((await change(accessToken, `guess ${guess}`, NEXT)).status).toBe(403);
    expect((await change(accessToken, PASSWORD, NEXT)).body).toMatchObject({
      status: 429,
      code: 'auth.too_many_attempts',
    });
  });
});

describe('an invitation', () => {
  it('is mailed with a token of its own, which brings in as well', async () => {
    const owner = await auth.register(auth.newEmail(), { name: 'Olga' });
    const guest = await auth.register(auth.newEmail(), { locale: 'pt' });
    await mailNumber(guest.user.email, 0);
    const invited = await auth.post(
      `/api/v1/workspaces/${owner.workspace.id}/invitations`,
      { email: guest.user.email, role: 'member' },
      owner.accessToken,
    );
    const { token } = invited.body as { token: string };
    const mail = await mailNumber(guest.user.email, 1);
    expect(mail).toContain('Olga convida-o');
    expect(tokenIn(mail)).toHaveLength(43);
    expect(tokenIn(mail)).not.toBe(token);
    const accept = (given: string) => auth.post('/api/v1/invitations/accept', { token: given }, guest.accessToken);
    expect((await accept(tokenIn(mail))).body).toMatchObject({ id: owner.workspace.id, role: 'member' });
    expect((await accept(token)).body).toMatchObject({ code: 'invitation.accepted' });
  });
});

describe('an easily guessed password', () => {
  it('is refused when it is changed, and the old one stays', async () => {
    const email = auth.newEmail();
    const { accessToken } = await auth.register(email);
    const refused = await change(accessToken, PASSWORD, 'password1');
    expect(refused.body).toMatchObject({ status: 422, code: 'auth.weak_password', reasons: ['common'] });
    expect((await auth.login(email)).status).toBe(200);
  });
});
