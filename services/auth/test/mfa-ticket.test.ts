import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import request from 'supertest';
import { startAuth, PASSWORD, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { codeAt, createMfaFixture, mfaPath } from './fixtures/mfa.fixture.ts';

const NEXT = 'another long pass phrase';
let auth: Auth;
let dir: string;
let people: ReturnType<typeof createMfaFixture>;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'atrium-mail-'));
  auth = await startAuth({ MAIL_DIR: dir });
  people = createMfaFixture(auth);
});
afterAll(async () => {
  await auth.close();
  await rm(dir, { recursive: true });
});
type Enrolled = Awaited<ReturnType<(typeof people)['enrolled']>>;

const bearer = ({ accessToken }: SignedIn) => ({ authorization: `Bearer ${accessToken}` });
const finish = (mfaToken: string, { secret }: Enrolled) =>
  auth.post(mfaPath('mfa/verify'), { mfaToken, code: codeAt(secret) });

/** What a person or their administrator can do between the two steps. */
const between: [string, (person: Enrolled) => Promise<unknown>][] = [
  [
    'the password was changed',
    (person) =>
      request(auth.url)
        .put('/api/v1/users/password')
        .set(bearer(person))
        .send({ currentPassword: PASSWORD, newPassword: NEXT }),
  ],
  [
    'the password was reset by mail',
    async ({ user }) => {
      await auth.post(mfaPath('password/forgot'), { email: user.email });
      const token = await eventually(async () => {
        const mails = await Promise.all((await readdir(dir)).map((file) => readFile(path.join(dir, file), 'utf8')));
        const mine = mails.map((mail) => mail.replace(/=\r?\n/g, '')).filter((mail) => mail.includes(user.email));
        return mine.map((mail) => /reset-password#token=(?:3D)?([\w-]{43})/.exec(mail)?.[1]).find(Boolean);
      });
      return auth.post(mfaPath('password/reset'), { token, password: NEXT });
    },
  ],
  ['they signed out everywhere', (person) => auth.post(mfaPath('logout-all'), {}, person.accessToken)],
  [
    'they were disabled, and enabled again',
    async ({ user, workspace }) => {
      const owner = await auth.register(auth.newEmail());
      await auth.database.query(
        `insert into auth.members (workspace_id, user_id, role, created_at) values ($1, $2, 'owner', now())`,
        [workspace.id, owner.user.id],
      );
      const entered = await auth.post(`/api/v1/workspaces/${workspace.id}/switch`, {}, owner.accessToken);
      const put = (disabled: boolean) =>
        request(auth.url)
          .put(`/api/v1/users/${user.id}`)
          .set(bearer(entered.body as SignedIn))
          .send({ disabled });
      expect((await put(true)).status).toBe(200);
      return put(false);
    },
  ],
];

describe('a sign-in that waits for its second step', () => {
  it.each(between)('is worth nothing once %s', async (_name, happens) => {
    const person = await people.enrolled();
    const mfaToken = await people.firstStep(person.user.email);
    const answer = (await happens(person)) as { status: number };
    expect([200, 204]).toContain(answer.status);
    expect((await finish(mfaToken, person)).body).toMatchObject({ status: 401, code: 'auth.mfa_token_unknown' });
    const open = await auth.database.query(
      `select id from auth.sessions where user_id = $1 and revoked_at is null and id <> all(
         select id from auth.sessions where user_id = $1 order by created_at limit 1)`,
      [person.user.id],
    );
    expect(open).toEqual([]);
  });

  it('has spent no code then: the next sign-in takes it', async () => {
    const person = await people.enrolled();
    const stale = await people.firstStep(person.user.email);
    await auth.post(mfaPath('logout-all'), {}, person.accessToken);
    expect((await finish(stale, person)).status).toBe(401);
    expect((await finish(await people.firstStep(person.user.email), person)).status).toBe(200);
  });

  it('is not disturbed by signing out one device or by refreshing', async () => {
    const person = await people.enrolled();
    const mfaToken = await people.firstStep(person.user.email);
    await auth.refresh(person.refreshToken);
    await auth.logout(person.accessToken);
    expect((await finish(mfaToken, person)).status).toBe(200);
  });

  it('takes five codes, is good once for many at once, and is not readable in Redis', async () => {
    const person = await people.enrolled();
    const guessed = await people.firstStep(person.user.email);
    const guess = () => auth.post(mfaPath('mfa/verify'), { mfaToken: guessed, code: codeAt(person.secret, 50) });
    for (let tries = 0; tries < 5; tries += 1)
      expect((await guess()).body).toMatchObject({ code: 'auth.mfa_code_wrong' });
    expect((await finish(guessed, person)).body).toMatchObject({ status: 401, code: 'auth.mfa_token_unknown' });

    const mfaToken = await people.firstStep(person.user.email);
    expect((await auth.redis.keys(`${auth.prefix}:*`)).filter((key) => key.includes(mfaToken))).toEqual([]);
    const [recoveryCode, other] = person.recoveryCodes;
    const answers = await Promise.all([
      auth.post(mfaPath('mfa/verify'), { mfaToken, recoveryCode }),
      auth.post(mfaPath('mfa/verify'), { mfaToken, recoveryCode: other }),
      finish(mfaToken, person),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });
});
