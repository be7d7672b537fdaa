import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { livePattern } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';
import { createAuthenticator, type Mischief } from './fixtures/authenticator.fixture.ts';
import { passkeyCalls, SITE, type PasskeyAnswer } from './fixtures/passkey.fixture.ts';
import { someone } from './fixtures/team.fixture.ts';

let auth: Auth;
let calls: ReturnType<typeof passkeyCalls>;
beforeAll(async () => {
  auth = await startAuth({ LOGIN_ATTEMPTS_PER_ADDRESS: '10000', LOGIN_ATTEMPTS_PER_ACCOUNT: '1000' });
  calls = passkeyCalls(auth);
});
afterAll(() => auth.close());

const refused = { status: 401, code: 'passkey.refused' };
const unknown = { status: 401, code: 'passkey.challenge_unknown' };
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** The same answer with one bit of a part turned round. */
const bent = (answer: PasskeyAnswer, part: 'signature' | 'authenticatorData' | 'clientDataJSON', at: number) => {
  const bytes = Buffer.from(answer.response[part], 'base64url');
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return { ...answer, response: { ...answer.response, [part]: bytes.toString('base64url') } };
};

describe('signing in is refused, and nothing changes', () => {
  const mischief: readonly [string, Mischief, object][] = [
    ['at a wrong origin', { origin: 'http://localhost.evil.test' }, refused],
    ['at the origin with another port', { origin: 'http://localhost:8001' }, refused],
    ['for a wrong domain', { rpId: 'evil.test' }, refused],
    ['inside a page of another origin', { crossOrigin: true }, refused],
    ['with a challenge of its own', { challenge: randomBytes(32).toString('base64url') }, unknown],
    ['without a challenge', { challenge: '' }, unknown],
    ['without a check of who holds it', { unverified: true }, refused],
    ['without a touch', { absent: true }, refused],
    ['with the answer to a creation', { type: 'webauthn.create' }, refused],
    ['signed by another key', { key: stranger }, refused],
    ['without saying whose it is', { userHandle: null }, refused],
    ['saying that it is somebody else’s', { userHandle: randomBytes(16).toString('base64url') }, refused],
    ['with another story of its backups', { syncable: true }, refused],
    ['backed up though it cannot be', { backedUp: true }, refused],
  ];
  it.each(mischief)('%s', async (_name, bad, answer) => {
    const { person, key } = await calls.owner();
    const before = await calls.traceOf(person.id);
    expect((await calls.signIn(key, bad)).body).toMatchObject(answer);
    expect(await calls.traceOf(person.id)).toEqual(before);
    expect((await calls.signIn(key)).status).toBe(200);
  });

  it('when anything signed, or the signature, was tampered with', async () => {
    const { person, key } = await calls.owner();
    const before = await calls.traceOf(person.id);
    const answers = [];
    for (const [part, at] of [
      ['signature', -1],
      ['signature', 8],
      ['authenticatorData', 0],
      ['authenticatorData', 32],
      ['authenticatorData', -1],
      ['clientDataJSON', 5],
      ['clientDataJSON', -1],
    ] as const)
      answers.push(await calls.signInWith(bent(key.get(await calls.challenge()), part, at)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    expect(await calls.traceOf(person.id)).toEqual(before);
  });

  it('with a passkey that nobody has', async () => {
    const key = createAuthenticator(SITE);
    const person = await someone(auth);
    key.create(await calls.creation(person));
    expect((await calls.signIn(key)).body).toMatchObject(refused);
  });

  it('with a key under the name of somebody else’s', async () => {
    const { person, key } = await calls.owner();
    const { key: mine } = await calls.owner();
    const answer = mine.get(await calls.challenge());
    const { credentialId: id } = key;
    const before = await calls.traceOf(person.id);
    expect((await calls.signInWith({ ...answer, id, rawId: id })).body).toMatchObject(refused);
    expect((await calls.signInWith({ ...mine.get(await calls.challenge()), id })).body).toMatchObject(refused);
    expect(await calls.traceOf(person.id)).toEqual(before);
  });

  it('when the challenge is answered again, rightly or wrongly the first time', async () => {
    const { key } = await calls.owner();
    const asked = await calls.challenge();
    const answer = key.get(asked);
    expect((await calls.signInWith(answer)).status).toBe(200);
    expect((await calls.signInWith(answer)).body).toMatchObject(unknown);
    expect((await calls.signInWith(key.get(asked))).body).toMatchObject(unknown);
    const next = await calls.challenge();
    expect((await calls.signInWith(key.get(next, { key: stranger }))).body).toMatchObject(refused);
    expect((await calls.signInWith(key.get(next))).body).toMatchObject(unknown);
  });

  it('when the challenge has expired', async () => {
    const { key } = await calls.owner();
    const answer = key.get(await calls.challenge());
    const names = await auth.redis.keys(`${auth.prefix}:once:passkey-sign-in:*`);
    const left = await Promise.all(names.map((name) => auth.redis.pttl(name)));
    expect(Math.max(...left)).toBeGreaterThan(290_000);
    expect(Math.max(...left)).toBeLessThanOrEqual(300_000);
    await Promise.all(names.map((name) => auth.redis.pexpire(name, 1)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await calls.signInWith(answer)).body).toMatchObject(unknown);
  });

  it('for all but one of fifty that answer one challenge at once', async () => {
    const { person, key } = await calls.owner();
    const asked = await calls.challenge();
    const sessions = (await calls.traceOf(person.id)).sessions.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => calls.signInWith(key.get(asked))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(49).fill(401)]);
    expect((await calls.traceOf(person.id)).sessions).toHaveLength(sessions + 1);
  });

  it('for forms it does not know', async () => {
    const { key } = await calls.owner();
    const answer = key.get(await calls.challenge());
    for (const body of [
      {},
      { response: {} },
      { response: answer, userId: 'x' },
      { response: { ...answer, type: 'password' } },
      { response: { ...answer, id: '' } },
      { response: { ...answer, response: { ...answer.response, signature: '=' } } },
      { response: { ...answer, response: { ...answer.response, clientDataJSON: 'A'.repeat(5_000) } } },
    ])
      expect((await auth.post('/api/v1/auth/passkeys/sign-in', body)).status).toBe(422);
    for (const clientDataJSON of ['AAAA', Buffer.from('[]').toString('base64url')])
      expect(
        (await calls.signInWith({ ...answer, response: { ...answer.response, clientDataJSON } })).body,
      ).toMatchObject(refused);
    expect((await calls.signInWith(answer)).status).toBe(200);
  });
});

describe('a counter that went back', () => {
  const logOf = (userId: string) =>
    auth.database.query<Record<string, unknown>>(
      `select operation, outcome, code, details from auth.audit_log where user_id = $1 and outcome <> 'ok'
       order by sequence`,
      [userId],
    );

  it('is refused, recorded, and told to its owner', async () => {
    const { person, key, passkeyId } = await calls.owner();
    expect((await calls.signIn(key)).status).toBe(200);
    const before = await calls.traceOf(person.id);
    const heard: unknown[] = [];
    const listener = auth.redis.duplicate();
    await listener.psubscribe(livePattern(auth.prefix));
    listener.on('pmessage', (_pattern, _channel, message: string) => heard.push(JSON.parse(message)));
    for (const counter of [2, 1, 0]) expect((await calls.signIn(key, { counter })).body).toMatchObject(refused);
    await eventually(async () => heard.length === 3);
    listener.disconnect();
    const told = { userId: person.id, passkeyId, name: 'laptop', ip: '127.0.0.1', userAgent: 'a test' };
    const envelope = { type: 'auth.passkey.copied.v1', workspaceid: person.workspace.id, data: told };
    for (const message of heard) expect(message).toMatchObject({ audience: 'user', envelope });
    const denied = { operation: 'signInWithPasskey', outcome: 'denied', code: 'passkey.copied' };
    expect(await logOf(person.id)).toEqual([1, 2, 3].map(() => ({ ...denied, details: { passkeyId } })));
    expect(await calls.traceOf(person.id)).toEqual(before);
    expect((await calls.signIn(key)).status).toBe(200);
  });

  it('is no matter when it was not signed', async () => {
    const { person, key, passkeyId } = await calls.owner();
    const before = await calls.traceOf(person.id);
    expect((await calls.signIn(key, { counter: 0, key: stranger })).body).toMatchObject(refused);
    const denied = { operation: 'signInWithPasskey', outcome: 'denied', code: 'passkey.refused' };
    expect(await logOf(person.id)).toEqual([{ ...denied, details: { passkeyId } }]);
    expect(await calls.traceOf(person.id)).toEqual(before);
  });

  it('is seen when two copies sign at once', async () => {
    const { key } = await calls.owner();
    const asked = await Promise.all(Array.from({ length: 8 }, () => calls.challenge()));
    const answers = await Promise.all(asked.map((one) => calls.signInWith(key.get(one, { counter: 9 }))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});

describe('making a passkey is refused, and nothing changes', () => {
  const mischief: readonly [string, Mischief, string][] = [
    ['at a wrong origin', { origin: 'https://evil.test' }, 'passkey.refused'],
    ['for a wrong domain', { rpId: 'evil.test' }, 'passkey.refused'],
    ['inside a page of another origin', { crossOrigin: true }, 'passkey.refused'],
    ['with a challenge of its own', { challenge: 'AAAA' }, 'passkey.challenge_unknown'],
    ['without a check of who holds it', { unverified: true }, 'passkey.refused'],
    ['without a touch', { absent: true }, 'passkey.refused'],
    ['with the answer to a sign-in', { type: 'webauthn.get' }, 'passkey.refused'],
    [
      'with an attestation by certificates',
      { attestation: { fmt: 'packed', attStmt: new Map([['x5c', Buffer.from('certificate')]]) } },
      'passkey.refused',
    ],
    [
      'with an attestation that is not its own',
      {
        attestation: {
          fmt: 'packed',
          attStmt: new Map<string, number | Buffer>([
            ['alg', -7],
            ['sig', randomBytes(70)],
          ]),
        },
      },
      'passkey.refused',
    ],
    ['with an attestation of a kind', { attestation: { fmt: 'apple', attStmt: new Map() } }, 'passkey.refused'],
  ];
  it.each(mischief)('%s', async (_name, bad, code) => {
    const person = await someone(auth);
    const before = await calls.traceOf(person.id);
    expect((await calls.add(person, createAuthenticator(SITE), bad)).body).toMatchObject({ status: 400, code });
    expect(await calls.traceOf(person.id)).toEqual(before);
  });

  it('with somebody else’s challenge, or one that was answered', async () => {
    const [ana, bea] = [await someone(auth), await someone(auth)];
    const asked = await calls.creation(ana);
    const add = (who: typeof ana, response: object) => who.call('post', '/auth/passkeys', { name: 'x', response });
    const stolen = await add(bea, createAuthenticator(SITE).create(asked));
    expect(stolen.body).toMatchObject({ status: 400, code: 'passkey.challenge_unknown' });
    expect((await calls.traceOf(bea.id)).passkeys).toEqual([]);
    expect((await add(ana, createAuthenticator(SITE).create(asked))).status).toBe(201);
    expect((await add(ana, createAuthenticator(SITE).create(asked))).status).toBe(400);
    const signIn = await calls.challenge();
    expect((await add(ana, createAuthenticator(SITE).create({ ...asked, ...signIn }))).status).toBe(400);
    expect((await calls.traceOf(ana.id)).passkeys).toHaveLength(1);
  });

  it('when it is registered already, by oneself or by somebody else', async () => {
    const { person, key } = await calls.owner();
    const thief = await someone(auth);
    const before = await calls.traceOf(person.id);
    for (const who of [person, thief])
      expect((await calls.add(who, key)).body).toMatchObject({ status: 409, code: 'passkey.exists' });
    expect(await calls.traceOf(person.id)).toEqual(before);
    expect((await calls.traceOf(thief.id)).passkeys).toEqual([]);
  });

  it('under another name than the authenticator gave', async () => {
    const [person, { key }] = [await someone(auth), await calls.owner()];
    const made = createAuthenticator(SITE).create(await calls.creation(person));
    const response = { ...made, id: key.credentialId, rawId: key.credentialId };
    expect((await person.call('post', '/auth/passkeys', { name: 'x', response })).status).toBe(400);
  });
});

it('limits wrong answers by address, and the right one still counts for nothing', async () => {
  const tight = await startAuth({ LOGIN_ATTEMPTS_PER_ADDRESS: '3' });
  try {
    const tightCalls = passkeyCalls(tight);
    const { key } = await tightCalls.owner();
    for (let tries = 0; tries < 4; tries += 1) expect((await tightCalls.signIn(key)).status).toBe(200);
    for (let tries = 0; tries < 3; tries += 1)
      expect((await tightCalls.signIn(key, { key: stranger })).status).toBe(401);
    const late = await tightCalls.signIn(key);
    expect(late.body).toMatchObject({ status: 429, code: 'auth.too_many_attempts' });
    expect(late.headers['retry-after']).toMatch(/^\d+$/);
  } finally {
    await tight.close();
  }
});

it('is not to be had without a domain', async () => {
  const bare = await startAuth({ APP_URL: 'http://10.0.0.7:8000' });
  try {
    const { accessToken } = await bare.register(bare.newEmail());
    for (const path of ['options', 'sign-in/options'])
      expect((await bare.post(`/api/v1/auth/passkeys/${path}`, {}, accessToken)).body).toMatchObject({
        status: 503,
        code: 'passkey.not_configured',
      });
  } finally {
    await bare.close();
  }
});
