import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { codeOf, stepAt } from '../src/mfa/totp.ts';
import { AGENT_SECRET, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { createAuthenticator } from './fixtures/authenticator.fixture.ts';
import { passkeyCalls, SITE } from './fixtures/passkey.fixture.ts';
import { person as as, someone, type Someone } from './fixtures/team.fixture.ts';

let auth: Auth;
let calls: ReturnType<typeof passkeyCalls>;
beforeAll(async () => {
  auth = await startAuth();
  calls = passkeyCalls(auth);
});
afterAll(() => auth.close());

interface Listed {
  readonly data: readonly { id: string; name: string; lastUsedAt: string | null; backedUp: boolean }[];
}
const listOf = async (who: Someone) => (await who.call('get', '/auth/passkeys')).body as Listed;

describe('a passkey', () => {
  it('is made with a challenge of one’s own, and signs in without a password', async () => {
    const person = await someone(auth);
    const key = createAuthenticator(SITE);
    const asked = await calls.creation(person);
    expect(asked).toMatchObject({
      rp: { id: 'localhost' },
      user: { name: person.email },
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
      attestation: 'none',
    });
    const added = await person.call('post', '/auth/passkeys', { name: ' laptop ', response: key.create(asked) });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      name: 'laptop',
      transports: ['internal', 'hybrid'],
      syncable: false,
      backedUp: false,
      lastUsedAt: null,
    });
    expect(Object.keys(added.body as object)).not.toContain('publicKey');
    const again = await calls.creation(person);
    expect(again).toMatchObject({ excludeCredentials: [{ type: 'public-key', id: key.credentialId }] });

    const entered = await calls.signIn(key);
    expect(entered.status).toBe(200);
    const { user, accessToken, refreshToken } = entered.body as SignedIn;
    expect(user.id).toBe(person.id);
    expect((await auth.me(accessToken)).status).toBe(200);
    expect((await auth.refresh(refreshToken)).status).toBe(200);
    expect((await listOf(person)).data[0]?.lastUsedAt).toMatch(/Z$/);
    const [session] = await auth.database.query<{ user_agent: string; ip: string }>(
      `select user_agent, host(ip) as ip from auth.sessions where user_id = $1 order by id desc limit 1`,
      [person.id],
    );
    expect(session).toEqual({ user_agent: 'a test', ip: '127.0.0.1' });
  });

  it('is renamed, listed and removed by its owner alone', async () => {
    const { person, passkeyId } = await calls.owner();
    const other = await someone(auth);
    expect((await other.call('patch', `/auth/passkeys/${passkeyId}`, { name: 'mine' })).status).toBe(404);
    expect((await other.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(404);
    expect((await listOf(other)).data).toEqual([]);
    expect((await person.call('patch', `/auth/passkeys/${passkeyId}`, { name: 'phone' })).status).toBe(200);
    expect((await person.call('patch', `/auth/passkeys/${passkeyId}`, { name: ' ' })).status).toBe(422);
    expect((await listOf(person)).data.map(({ name }) => name)).toEqual(['phone']);
    expect((await person.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(204);
    expect((await person.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(404);
  });

  it('stops signing in when it is removed', async () => {
    const { person, key, passkeyId } = await calls.owner();
    await person.call('delete', `/auth/passkeys/${passkeyId}`);
    expect((await calls.signIn(key)).body).toMatchObject({ status: 401, code: 'passkey.refused' });
  });

  it('is added once for one Idempotency-Key, though its challenge is spent', async () => {
    const person = await someone(auth);
    const body = { name: 'laptop', response: createAuthenticator(SITE).create(await calls.creation(person)) };
    const send = () => person.call('post', '/auth/passkeys', body).set('idempotency-key', 'once');
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect((await listOf(person)).data).toHaveLength(1);
  });

  it('tells when it was backed up later', async () => {
    const { person, key } = await calls.owner({ made: { syncable: true } });
    expect((await calls.signIn(key, { syncable: true, backedUp: true })).status).toBe(200);
    expect((await listOf(person)).data[0]?.backedUp).toBe(true);
  });

  it('may be vouched for by its own key', async () => {
    const { key, passkeyId } = await calls.owner({ made: { selfAttested: true } });
    expect(passkeyId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await calls.signIn(key)).status).toBe(200);
  });

  it('need not count', async () => {
    const { key } = await calls.owner({ counts: false });
    expect((await calls.signIn(key)).status).toBe(200);
    expect((await calls.signIn(key)).status).toBe(200);
  });

  it('is one of twenty at most', async () => {
    const person = await someone(auth);
    await auth.database.query(
      `insert into auth.passkeys select gen_random_uuid(), $1, $2 || n, '\\x00', 0, '{}', false, false,
         '00000000-0000-0000-0000-000000000000', 'k', now(), null from generate_series(1, 19) n`,
      [person.id, randomBytes(16).toString('hex')],
    );
    expect((await calls.add(person, createAuthenticator(SITE))).status).toBe(201);
    expect((await calls.add(person, createAuthenticator(SITE))).body).toMatchObject({ code: 'passkey.too_many' });
  });

  it('takes a fresh session, and a person', async () => {
    const { person, passkeyId } = await calls.owner();
    const asked = await calls.creation(person);
    await calls.age(person.id);
    const stale = { status: 403, code: 'auth.reauthentication_needed' };
    expect((await person.call('post', '/auth/passkeys/options')).body).toMatchObject(stale);
    const response = createAuthenticator(SITE).create(asked);
    expect((await person.call('post', '/auth/passkeys', { name: 'x', response })).body).toMatchObject(stale);
    expect((await person.call('delete', `/auth/passkeys/${passkeyId}`)).body).toMatchObject(stale);
    const delegated = await auth.exchange({
      service: 'agent-orchestrator',
      secret: AGENT_SECRET,
      userId: person.id,
      workspaceId: person.workspace.id,
    });
    const { accessToken } = delegated.body as SignedIn;
    for (const path of ['options', 'reauthenticate/options'])
      expect((await auth.post(`/api/v1/auth/passkeys/${path}`, {}, accessToken)).status).toBe(403);
  });

  it('is not removed when there is no other way in, also when two are removed at once', async () => {
    const { person, passkeyId } = await calls.owner();
    const second = (await calls.add(person, createAuthenticator(SITE))).body as { id: string };
    await auth.database.query(`update auth.users set password_hash = '!' where id = $1`, [person.id]);
    expect((await auth.login(person.email, '!')).status).toBe(401);
    const ids = [passkeyId, second.id];
    const answers = await Promise.all(ids.map((id) => person.call('delete', `/auth/passkeys/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    const [left] = (await listOf(person)).data;
    const refused = await person.call('delete', `/auth/passkeys/${left?.id}`);
    expect(refused.body).toMatchObject({ status: 409, code: 'passkey.last_way_in' });
    await auth.database.query(
      `insert into auth.external_identities values ('google', 'one', $1, 'x@example.com', now())`,
      [person.id],
    );
    expect((await person.call('delete', `/auth/passkeys/${left?.id}`)).status).toBe(204);
  });
});

it('leaves one record of each thing done with passkeys, and none of asking', async () => {
  const { person, key, passkeyId } = await calls.owner();
  await calls.signIn(key);
  await person.call('patch', `/auth/passkeys/${passkeyId}`, { name: 'phone' });
  await person.call('delete', `/auth/passkeys/${passkeyId}`);
  const rows = await auth.database.query<Record<string, unknown>>(
    `select operation, outcome, target = $2 as about from auth.audit_log where user_id = $1 order by sequence`,
    [person.id, passkeyId],
  );
  expect(rows.slice(1)).toEqual([
    { operation: 'addPasskey', outcome: 'ok', about: true },
    { operation: 'signInWithPasskey', outcome: 'ok', about: false },
    { operation: 'renamePasskey', outcome: 'ok', about: true },
    { operation: 'removePasskey', outcome: 'ok', about: true },
  ]);
});

describe('signing in with a passkey', () => {
  it('can keep the refresh token in a cookie, for pages of ours', async () => {
    const { key } = await calls.owner();
    const send = (response: object, headers: Record<string, string>) =>
      request(auth.url).post('/api/v1/auth/passkeys/sign-in?cookie=true').set(headers).send({ response });
    const response = key.get(await calls.challenge());
    expect((await send(response, { origin: 'https://evil.test', 'x-csrf': '1' })).status).toBe(403);
    const entered = await send(response, { 'x-csrf': '1' });
    expect(entered.status).toBe(200);
    expect(entered.body).not.toHaveProperty('refreshToken');
    expect(String(entered.headers['set-cookie'])).toContain('__Host-atrium_refresh=');
  });

  it('is refused to a disabled user, with the answer of a login', async () => {
    const { person, key } = await calls.owner();
    await auth.database.query(`update auth.users set disabled_at = now() where id = $1`, [person.id]);
    expect((await calls.signIn(key)).body).toMatchObject({ status: 403, code: 'auth.user_disabled' });
  });

  it('says the same to everybody who begins', async () => {
    const begin = () => auth.post('/api/v1/auth/passkeys/sign-in/options', {});
    const [one, two] = [await begin(), await begin()];
    const rest = { timeout: 300_000, rpId: 'localhost', allowCredentials: [], userVerification: 'required' };
    const challenges = [one, two].map(({ body }) => (body as { challenge: string }).challenge);
    expect([one.body, two.body]).toEqual(challenges.map((challenge) => ({ challenge, ...rest })));
    expect(new Set(challenges).size).toBe(2);
  });
});

describe('a passkey as the second factor', () => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const codeFor = (secret: string): string => {
    const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
    return codeOf(Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2))), stepAt(new Date()));
  };
  /** Somebody who is asked for a second factor, and has a passkey. */
  const careful = async () => {
    const owner = await calls.owner();
    const { secret } = (await owner.person.call('post', '/auth/mfa/totp')).body as { secret: string };
    await owner.person.call('post', '/auth/mfa/totp/confirm', { code: codeFor(secret) });
    return owner;
  };
  const firstStep = async ({ email }: Someone) => (await auth.login(email)).body as { mfaToken: string };
  const begin = async (mfaToken: string) =>
    (await auth.post('/api/v1/auth/passkeys/mfa/options', { mfaToken })).body as { challenge: string };
  const finish = (mfaToken: string, response: object) => auth.post('/api/v1/auth/passkeys/mfa', { mfaToken, response });

  it('answers in place of a code, once', async () => {
    const { person, key } = await careful();
    const { mfaToken } = await firstStep(person);
    const asked = await begin(mfaToken);
    expect(asked).toMatchObject({ allowCredentials: [{ id: key.credentialId, transports: ['internal', 'hybrid'] }] });
    const entered = await finish(mfaToken, key.get(asked, { userHandle: null }));
    expect(entered.status).toBe(200);
    expect((await auth.me((entered.body as SignedIn).accessToken)).status).toBe(200);
    const again = await finish(mfaToken, key.get(asked));
    expect(again.body).toMatchObject({ status: 401, code: 'auth.mfa_token_unknown' });
    expect((await auth.post('/api/v1/auth/passkeys/mfa/options', { mfaToken })).status).toBe(401);
  });

  it('lets in without a password those who are asked for both factors', async () => {
    const { key } = await careful();
    expect((await calls.signIn(key)).status).toBe(200);
  });

  it('is that of the person who gave the password, for that sign-in', async () => {
    const [{ person, key }, thief] = [await careful(), await careful()];
    const [{ mfaToken }, other] = [await firstStep(person), await firstStep(person)];
    const before = await calls.traceOf(person.id);
    const refused = await finish(mfaToken, thief.key.get(await begin(mfaToken)));
    expect(refused.body).toMatchObject({ status: 401, code: 'passkey.refused' });
    const elsewhere = await finish(mfaToken, key.get(await begin(other.mfaToken)));
    expect(elsewhere.body).toMatchObject({ status: 401, code: 'passkey.challenge_unknown' });
    const wrongPurpose = await finish(mfaToken, key.get(await calls.challenge()));
    expect(wrongPurpose.body).toMatchObject({ status: 401, code: 'passkey.challenge_unknown' });
    const denied = await auth.database.query<{ code: string; user_id: string }>(
      `select code, user_id from auth.audit_log where workspace_id = $1 and operation = 'verifyPasskeyMfa' order by sequence`,
      [person.workspace.id],
    );
    const codes = ['passkey.refused', 'passkey.challenge_unknown', 'passkey.challenge_unknown'];
    expect(denied).toEqual(codes.map((code) => ({ code, user_id: person.id })));
    expect(await calls.traceOf(person.id)).toEqual(before);
    expect((await finish(mfaToken, key.get(await begin(mfaToken)))).status).toBe(200);
  });

  it('stops after too many wrong answers, also with new tokens', async () => {
    const [{ person }, thief] = [await careful(), await calls.owner()];
    const guess = async () => {
      const { mfaToken } = await firstStep(person);
      return (await finish(mfaToken, thief.key.get(await begin(mfaToken)))).status;
    };
    for (let tries = 0; tries < 10; tries += 1) expect(await guess()).toBe(401);
    expect(await guess()).toBe(429);
  });
});

describe('proving again with a passkey', () => {
  const begin = async (who: Someone) =>
    (await who.call('post', '/auth/passkeys/reauthenticate/options')).body as { challenge: string };

  it('makes the session fresh, and only that one', async () => {
    const { person, key, passkeyId } = await calls.owner();
    const elsewhere = as(auth, (await calls.signIn(key)).body as SignedIn);
    await calls.age(person.id);
    const response = key.get(await begin(person));
    expect((await elsewhere.call('post', '/auth/passkeys/reauthenticate', { response })).body).toMatchObject({
      status: 401,
      code: 'passkey.challenge_unknown',
    });
    const prove = () =>
      person.call('post', '/auth/passkeys/reauthenticate', { response }).set('idempotency-key', 'prove');
    expect((await prove()).status).toBe(204);
    expect((await prove()).headers['idempotency-replayed']).toBe('true');
    expect((await person.call('post', '/auth/passkeys/reauthenticate', { response })).status).toBe(401);
    expect((await elsewhere.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(403);
    expect((await person.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(204);
  });

  it('takes a passkey of one’s own', async () => {
    const [{ person, passkeyId }, thief] = [await calls.owner(), await calls.owner()];
    await calls.age(person.id);
    const response = thief.key.get(await begin(person));
    expect((await person.call('post', '/auth/passkeys/reauthenticate', { response })).status).toBe(401);
    expect((await person.call('delete', `/auth/passkeys/${passkeyId}`)).status).toBe(403);
  });
});
