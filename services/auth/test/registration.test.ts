import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { PASSWORD, startAuth, type Auth } from './fixtures/auth.fixture.ts';

const MANY = { MAILS_PER_ADDRESS: '10000', LOGIN_ATTEMPTS_PER_ADDRESS: '100000', LOGIN_ATTEMPTS_PER_ACCOUNT: '1000' };
const register = (auth: Auth, email: string, more: object = {}) =>
  auth.post('/api/v1/auth/register', { email, password: PASSWORD, ...more });

/** Of all pairs, the share in which the second was slower: 0.5 when nothing can be told. */
const areaUnderCurve = (first: readonly number[], second: readonly number[]): number => {
  const wins = first.flatMap((a) => second.map((b) => (b > a ? 1 : b === a ? 0.5 : 0) as number));
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
};

describe('registration by mail', () => {
  let auth: Auth;
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'atrium-mail-'));
    auth = await startAuth({ ...MANY, REGISTRATION: 'by-mail', MAIL_DIR: dir });
  });
  afterAll(async () => {
    await auth.close();
    await rm(dir, { recursive: true });
  });
  const mailsTo = async (email: string): Promise<string[]> => {
    const all = await Promise.all(
      (await readdir(dir)).filter((name) => name.endsWith('.eml')).map((name) => readFile(join(dir, name), 'utf8')),
    );
    return all.map((mail) => mail.replace(/=\r?\n/g, '').replaceAll('=3D', '=')).filter((mail) => mail.includes(email));
  };
  const mailed = (email: string, page: string, count = 1) =>
    eventually(async () => {
      const found = (await mailsTo(email)).filter((mail) => mail.includes(`/${page}#token=`));
      return found.length >= count && (/#token=([\w-]+)/.exec(found.at(-1) ?? '')?.[1] ?? false);
    });

  it('lets in only after the mailed link, and answers a right password like a wrong one until then', async () => {
    const email = auth.newEmail();
    const answer = await register(auth, email, { locale: 'pt' });
    expect([answer.status, answer.body]).toEqual([202, { status: 'check_your_mail' }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    const token = await mailed(email, 'verify-email');
    const early = await auth.login(email);
    const wrong = await auth.login(email, 'not the password');
    const plain = ({ status, code, detail }: Record<string, unknown>) => ({ status, code, detail });
    expect(plain(early.body as never)).toEqual(plain(wrong.body as never));
    expect(early.status).toBe(401);
    await mailed(email, 'verify-email', 2);
    expect((await auth.post('/api/v1/auth/verify-email', { token })).status).toBe(204);
    expect((await auth.login(email)).status).toBe(200);
  });

  it('answers the same where there is an account, changes nothing of it, and tells its owner', async () => {
    const email = auth.newEmail();
    await register(auth, email);
    await auth.post('/api/v1/auth/verify-email', { token: await mailed(email, 'verify-email') });
    const again = await register(auth, email, { password: 'another long pass phrase', name: 'Mallory' });
    expect([again.status, again.body]).toEqual([202, { status: 'check_your_mail' }]);
    const reset = await mailed(email, 'reset-password');
    expect((await auth.login(email, 'another long pass phrase')).status).toBe(401);
    const entered = await auth.login(email);
    expect(entered.status).toBe(200);
    expect((entered.body as { user: { name: string } }).user.name).toBe(email.split('@')[0]);
    const chosen = { token: reset, password: 'a newly chosen phrase' };
    expect((await auth.post('/api/v1/auth/password/reset', chosen)).status).toBe(204);
  });

  it('refuses a weak password whoever has the address', async () => {
    expect((await register(auth, auth.newEmail(), { password: 'password1' })).status).toBe(422);
  });

  it('writes to an address no more often than mails are allowed, and says nothing of that', async () => {
    const email = auth.newEmail();
    for (let at = 0; at < 7; at += 1) expect((await register(auth, email)).status).toBe(202);
    await mailed(email, 'reset-password', 4);
    const mails = await mailsTo(email);
    expect(mails.length).toBe(5);
  });

  it('takes as long for an address that is known as for one that is not', async () => {
    const known: string[] = [];
    for (let at = 0; at < 12; at += 1) {
      const email = auth.newEmail();
      expect((await register(auth, email)).status).toBe(202);
      known.push(email);
    }
    for (const email of known) await mailed(email, 'verify-email');
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    const time = async (email: string): Promise<number> => {
      const began = performance.now();
      expect((await register(auth, email)).status).toBe(202);
      return performance.now() - began;
    };
    // What the one before left to be done must not always fall to the same side.
    for (let round = 0; round < 4; round += 1)
      for (const [at, email] of known.entries()) {
        const turns = [
          async () => times.known.push(await time(email)),
          async () => times.unknown.push(await time(auth.newEmail())),
        ];
        for (const turn of (round + at) % 2 === 0 ? turns : turns.toReversed()) await turn();
      }
    const area = areaUnderCurve(times.known, times.unknown);
    // With 48 of each, chance alone has a standard deviation of 0.06.
    expect(Math.abs(area - 0.5)).toBeLessThan(0.25);
  }, 180_000);
});

describe('closed registration', () => {
  let auth: Auth;
  beforeAll(async () => {
    auth = await startAuth({ ...MANY, REGISTRATION: 'closed' });
  });
  afterAll(() => auth.close());

  it('is for the invited, once and under the address they were invited with', async () => {
    const refused = await register(auth, auth.newEmail());
    expect([refused.status, (refused.body as { code: string }).code]).toEqual([403, 'auth.registration_closed']);
    // An owner from before it was closed.
    const owner = auth.newEmail();
    const before = await auth.startAgain({ REGISTRATION: 'open' });
    const made = await fetch(`${before.url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: owner, password: PASSWORD }),
    });
    const first = (await made.json()) as { accessToken: string; workspace: { id: string } };
    const guest = auth.newEmail();
    const invited = await auth.post(
      `/api/v1/workspaces/${first.workspace.id}/invitations`,
      { email: guest, role: 'member' },
      first.accessToken,
    );
    const { token } = invited.body as { token: string };
    const codeOf = async (email: string, invitation: string) => {
      const answer = await register(auth, email, { invitation });
      return [answer.status, (answer.body as { code?: string }).code];
    };
    expect(await codeOf(auth.newEmail(), token)).toEqual([403, 'auth.registration_closed']);
    expect(await codeOf(guest, 'made-up')).toEqual([403, 'auth.registration_closed']);
    expect(await codeOf(owner, token)).toEqual([403, 'auth.registration_closed']);
    const entered = await register(auth, guest, { invitation: token });
    expect(entered.status).toBe(201);
    const { accessToken } = entered.body as { accessToken: string };
    expect((await auth.post('/api/v1/invitations/accept', { token }, accessToken)).status).toBe(200);
    expect(await codeOf(guest, token)).toEqual([403, 'auth.registration_closed']);
  });
});
