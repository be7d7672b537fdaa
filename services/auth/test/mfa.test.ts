import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytesOf, codeAt, createMfaFixture, mfaPath as api } from './fixtures/mfa.fixture.ts';
import { startAuth, PASSWORD, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

let auth: Auth;
let people: ReturnType<typeof createMfaFixture>;
beforeAll(async () => {
  auth = await startAuth();
  people = createMfaFixture(auth);
});
const call: typeof people.call = (...given) => people.call(...given);
const age = (userId: string) => people.age(userId);
const enrolled = () => people.enrolled();
const firstStep = (email: string) => people.firstStep(email);
afterAll(() => auth.close());

describe('the second factor', () => {
  it('is asked for after the password, once it was confirmed', async () => {
    const { user, accessToken } = await auth.register(auth.newEmail());
    const begun = await auth.post(api('mfa/totp'), {}, accessToken);
    expect(begun.status).toBe(201);
    expect((begun.body as { url: string }).url).toMatch(/^otpauth:\/\/totp\/Atrium%3A/);
    expect((await auth.login(user.email)).status).toBe(200);
    const secret = bytesOf((begun.body as { secret: string }).secret);
    const wrong = await auth.post(api('mfa/totp/confirm'), { code: codeAt(secret, 9) }, accessToken);
    expect(wrong.body).toMatchObject({ status: 401, code: 'auth.mfa_code_wrong' });
    expect((await call('get', 'mfa', accessToken)).body).toEqual({ totp: false, recoveryCodesLeft: 0 });
    await auth.post(api('mfa/totp/confirm'), { code: codeAt(secret, -1) }, accessToken);
    expect((await call('get', 'mfa', accessToken)).body).toEqual({ totp: true, recoveryCodesLeft: 10 });

    const first = await auth.login(user.email);
    expect(first.body).toMatchObject({ status: 401, code: 'auth.mfa_required', expiresIn: 300 });
    const { mfaToken } = first.body as { mfaToken: string };
    const second = await auth.post(api('mfa/verify'), { mfaToken, code: codeAt(secret) });
    expect(second.status).toBe(200);
    expect((await auth.me((second.body as SignedIn).accessToken)).status).toBe(200);
    const again = await auth.post(api('mfa/verify'), { mfaToken, code: codeAt(secret, 1) });
    expect(again.body).toMatchObject({ status: 401, code: 'auth.mfa_token_unknown' });
  });

  it('takes a code once, also when it comes many times at once', async () => {
    const { user, secret } = await enrolled();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => firstStep(user.email)));
    const code = codeAt(secret);
    const answers = await Promise.all(tokens.map((mfaToken) => auth.post(api('mfa/verify'), { mfaToken, code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  it('lets a recovery code in once, however it is typed', async () => {
    const { user, recoveryCodes } = await enrolled();
    expect(new Set(recoveryCodes).size).toBe(10);
    const recoveryCode = (recoveryCodes[0] ?? '').toLowerCase().replaceAll('-', ' ');
    const verify = async () => auth.post(api('mfa/verify'), { mfaToken: await firstStep(user.email), recoveryCode });
    const entered = await verify();
    expect(entered.status).toBe(200);
    expect((await verify()).body).toMatchObject({ status: 401, code: 'auth.mfa_code_wrong' });
    const status = await call('get', 'mfa', (entered.body as SignedIn).accessToken);
    expect(status.body).toEqual({ totp: true, recoveryCodesLeft: 9 });
  });

  it('stops guessing, also with new tokens', async () => {
    const { user, secret } = await enrolled();
    const guess = async () =>
      (await auth.post(api('mfa/verify'), { mfaToken: await firstStep(user.email), code: codeAt(secret, 50) })).status;
    for (let tries = 0; tries < 10; tries += 1) expect(await guess()).toBe(401);
    expect(await guess()).toBe(429);
  });

  it('keeps neither secret nor codes readable', async () => {
    const { user, secret, recoveryCodes } = await enrolled();
    const [row] = await auth.database.query<{ sealed_secret: Buffer }>(
      `select sealed_secret from auth.totp_factors where user_id = $1`,
      [user.id],
    );
    expect(row?.sealed_secret.includes(secret)).toBe(false);
    expect(row?.sealed_secret.includes(secret.toString('base64'))).toBe(false);
    const codes = await auth.database.query(`select hash from auth.recovery_codes where user_id = $1`, [user.id]);
    expect(JSON.stringify(codes)).not.toContain(recoveryCodes[0]);
  });

  it('refuses fields and forms it does not know', async () => {
    for (const body of [
      {},
      { mfaToken: 'x' },
      { mfaToken: 'x', code: '12345' },
      { mfaToken: 'x', code: '１２３４５６' },
    ])
      expect((await auth.post(api('mfa/verify'), body)).status).toBe(422);
  });
});

describe('a fresh session', () => {
  it('is needed to change factors, and comes from a new proof', async () => {
    const { user, accessToken, secret } = await enrolled();
    await age(user.id);
    expect((await call('delete', 'mfa/totp', accessToken)).body).toMatchObject({
      status: 403,
      code: 'auth.reauthentication_needed',
    });
    expect((await auth.post(api('mfa/recovery-codes'), {}, accessToken)).status).toBe(403);
    expect((await auth.post(api('mfa/totp'), {}, accessToken)).status).toBe(403);
    expect((await auth.post(api('reauthenticate'), { password: 'not the one' }, accessToken)).status).toBe(401);
    expect((await call('delete', 'mfa/totp', accessToken)).status).toBe(403);
    expect((await auth.post(api('reauthenticate'), { code: codeAt(secret) }, accessToken)).status).toBe(204);
    const renewed = await auth.post(api('mfa/recovery-codes'), {}, accessToken);
    expect((renewed.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
    expect((await call('delete', 'mfa/totp', accessToken)).status).toBe(204);
    expect((await auth.login(user.email)).status).toBe(200);
  });

  it('comes from the password too, and not to a service acting for the person', async () => {
    const { user, workspace, accessToken } = await auth.register(auth.newEmail());
    await age(user.id);
    expect((await auth.post(api('reauthenticate'), { password: PASSWORD }, accessToken)).status).toBe(204);
    expect((await auth.post(api('mfa/totp'), {}, accessToken)).status).toBe(201);
    const delegated = await auth.exchange({
      service: 'agent-orchestrator',
      secret: 'only-in-tests-agent-secret',
      userId: user.id,
      workspaceId: workspace.id,
    });
    const { accessToken: acting } = delegated.body as SignedIn;
    expect((await auth.post(api('mfa/totp'), {}, acting)).status).toBe(403);
    expect((await auth.post(api('reauthenticate'), { password: PASSWORD }, acting)).status).toBe(403);
  });
});
