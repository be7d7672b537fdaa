import { createHmac, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import type { KeySource } from './jwks.ts';
import { bearerToken, createTokenVerifier } from './token.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ours = pair();
const asked: string[] = [];
const keys: KeySource = {
  find: async (kid) => {
    asked.push(kid);
    return kid === 'ours' ? ours.publicKey : undefined;
  },
};
const [sub, wid] = [randomUUID(), randomUUID()];

const sign = (
  change: { claims?: object; header?: object; options?: jwt.SignOptions; key?: KeyObject | string } = {},
): string =>
  jwt.sign({ sub, wid, role: 'member', ...change.claims }, change.key ?? ours.privateKey, {
    algorithm: 'ES256',
    expiresIn: 900,
    issuer: 'atrium',
    audience: 'atrium',
    ...change.options,
    header: { alg: 'ES256', typ: 'at+jwt', kid: 'ours', ...change.header },
  });
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({ sub, wid, role: 'owner', iss: 'atrium', aud: 'atrium', iat: 1, exp: 4_000_000_000 });
const [good, pem] = [sign(), ours.publicKey.export({ type: 'spki', format: 'pem' }).toString()];
const [head, body, signature] = good.split('.') as [string, string, string];
const hmac = (header: object, key: string): string => {
  const text = `${b64(header)}.${b64(claims())}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
};

const forged: [string, string][] = [
  ['alg none', `${b64({ alg: 'none', typ: 'at+jwt', kid: 'ours' })}.${b64(claims())}.`],
  ['alg None', `${b64({ alg: 'None', typ: 'at+jwt', kid: 'ours' })}.${b64(claims())}.`],
  ['alg none with the signature left', `${b64({ alg: 'none', typ: 'at+jwt', kid: 'ours' })}.${body}.${signature}`],
  ['HS256 keyed with the public key', hmac({ alg: 'HS256', typ: 'at+jwt', kid: 'ours' }, pem)],
  ['HS256 inside under ES256', hmac({ alg: 'ES256', typ: 'at+jwt', kid: 'ours' }, pem)],
  ['no signature', `${head}.${body}.`],
  ['an all-zero signature', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`],
  ['a short signature', `${head}.${body}.${signature.slice(0, 20)}`],
  ['a long signature', `${head}.${body}.${signature}AAAA`],
  ['another body', `${head}.${b64(claims())}.${signature}`],
  ['another header', `${b64({ alg: 'ES256', typ: 'at+jwt', kid: 'ours', x: 1 })}.${body}.${signature}`],
  ["somebody else's key", sign({ key: pair().privateKey })],
  ['an unknown key id', sign({ header: { kid: 'theirs' } })],
  ['a path as key id', sign({ header: { kid: '../../etc/passwd' } })],
  ['SQL as key id', sign({ header: { kid: "' or 1=1 --" } })],
  ['a number as key id', `${b64({ alg: 'ES256', typ: 'at+jwt', kid: 1 })}.${body}.${signature}`],
  ['a huge key id', sign({ header: { kid: 'x'.repeat(500) } })],
  ['no key id', `${b64({ alg: 'ES256', typ: 'at+jwt' })}.${body}.${signature}`],
  [
    'an embedded key',
    sign({ key: pair().privateKey, header: { kid: 'theirs', jwk: ours.publicKey.export({ format: 'jwk' }) } }),
  ],
  ['a key address', sign({ key: pair().privateKey, header: { kid: 'theirs', jku: 'http://127.0.0.1/keys' } })],
  ['a critical header', sign({ header: { crit: ['exp'] } })],
  ['an id token', sign({ header: { typ: 'JWT' } })],
  ['no type', `${b64({ alg: 'ES256', kid: 'ours' })}.${body}.${signature}`],
  ['another issuer', sign({ options: { issuer: 'elsewhere' } })],
  ['another audience', sign({ options: { audience: 'elsewhere' } })],
  ['expired', sign({ options: { expiresIn: -60 } })],
  ['not valid yet', sign({ options: { notBefore: 600 } })],
  ['an unknown role', sign({ claims: { role: 'god' } })],
  ['a subject that is no id', sign({ claims: { sub: 'admin' } })],
  ['no workspace', sign({ claims: { wid: undefined } })],
  ['a workspace list', sign({ claims: { wid: [wid] } })],
  ['nothing', ''],
  ['one part', 'abc'],
  ['two parts', `${head}.${body}`],
  ['four parts', `${good}.${signature}`],
  ['padding', `${good}==`],
  ['a space', `${head}. ${body}.${signature}`],
  ['a megabyte', 'a'.repeat(1_000_000)],
  ['JSON that is no object', `${b64([1])}.${body}.${signature}`],
];

describe('createTokenVerifier', () => {
  it('accepts our own token and says whose it is', async () => {
    const identity = await createTokenVerifier(keys)(sign({ claims: { sid: sub, act: { sub: 'billing' } } }));
    expect(identity.tenant).toEqual({ workspaceId: wid, userId: sub, role: 'member', actor: 'billing' });
    expect(identity.sessionId).toBe(sub);
  });

  it.each(forged)('refuses %s', async (_name, token) => {
    await expect(createTokenVerifier(keys)(token)).rejects.toMatchObject({ status: 401 });
  });

  it('looks for the key once a token, and forgets the token when it expires', async () => {
    let now = Date.now();
    const verify = createTokenVerifier(keys, () => now);
    const token = sign();
    asked.length = 0;
    await verify(token);
    await verify(token);
    expect(asked).toEqual(['ours']);
    now += 901_000;
    await expect(verify(token)).rejects.toMatchObject({ code: 'token.expired' });
  });

  it('does not remember what it refused', async () => {
    const verify = createTokenVerifier(keys);
    const token = sign({ key: pair().privateKey });
    await expect(verify(token)).rejects.toMatchObject({ code: 'token.invalid' });
    await expect(verify(token)).rejects.toMatchObject({ code: 'token.invalid' });
  });
});

describe('bearerToken', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer a,b', 'a.b.c'])(
    'refuses %p',
    (header) => {
      expect(() => bearerToken(header)).toThrow(/^token.missing/);
    },
  );
  it('takes the scheme in any case', () => {
    expect(bearerToken('bearer a.b.c')).toBe('a.b.c');
  });
});
