import { createHmac, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Random } from '../../harness/random.ts';
import type { Person } from '../../platform/people.ts';
import { claimsOf, headerOf, signToken } from '../../platform/tokens.ts';
import { mangledTokens } from './mangled.ts';

/** One token that must not be taken. */
export interface Forged {
  readonly name: string;
  readonly token: string;
  /** The whole header, where it is not `Bearer <token>`. */
  readonly header?: string;
}

export interface Forge {
  readonly person: Person;
  /** Whom the forger would like to be. */
  readonly victim: Person;
  readonly privateKey: string;
  readonly jwks: Readonly<Record<string, unknown>>;
  readonly random: Random;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** The attack set of RFC 8725 and its kin: algorithms, keys, types, claims, times, and what is wrong with the bytes. */
export const forgedTokens = async (forge: Forge): Promise<Forged[]> => {
  const { person, victim, privateKey, jwks } = forge;
  const header = headerOf(person.token);
  const claims = claimsOf(person.token);
  const now = Math.floor(Date.now() / 1_000);
  const wanted = { ...claims, sub: victim.id, wid: victim.workspaceId, role: 'owner' };
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ownPem = own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const ownJwk = own.publicKey.export({ format: 'jwk' });
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const publicDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const [published] = (jwks['keys'] ?? []) as Record<string, unknown>[];
  const forged: Forged[] = [];
  const add = (name: string, token: string): void => void forged.push({ name, token });
  const unsigned = (name: string, head: object, signature = ''): void =>
    add(name, `${encode(head)}.${encode(wanted)}.${signature}`);
  const mac = (name: string, secret: string | Buffer, hash = 'sha256', alg = 'HS256'): void => {
    const input = `${encode({ ...header, alg })}.${encode(wanted)}`;
    add(name, `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`);
  };
  /** Signed with a key of the forger's, whatever the header says about where to find it. */
  const foreign = (name: string, more: object): void => add(name, signToken({ ...header, ...more }, wanted, ownPem));
  /** Signed with the real key: wrong in nothing but what is said. */
  const genuine = (name: string, more: object, head: object = {}): void =>
    add(name, signToken({ ...header, ...head }, { ...claims, ...more }, privateKey));

  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'null'])
    unsigned(`alg ${alg || '(empty)'}`, { ...header, alg });
  unsigned('alg none with the old signature', { ...header, alg: 'none' }, person.token.split('.')[2]);
  unsigned('no alg at all', { typ: 'at+jwt', kid: header['kid'] });
  unsigned('no signature', header);
  for (const [name, secret] of [
    ['the public key as PEM', publicPem],
    ['the public key as PEM without line break', publicPem.trim()],
    ['the public key as DER', publicDer],
    ['the published key as JSON', JSON.stringify(published)],
    ['the x of the published key', String(published?.['x'])],
    ['an empty secret', ''],
    ['the word secret', 'secret'],
    ['the key id', String(header['kid'])],
    ['the issuer', 'atrium'],
  ] as const)
    mac(`HS256 with ${name}`, secret);
  mac('HS384 with the public key', publicPem, 'sha384', 'HS384');
  mac('HS512 with the public key', publicPem, 'sha512', 'HS512');
  for (const alg of ['RS256', 'PS256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'es256', 'ES256 '])
    genuine(`a real signature called ${alg}`, {}, { alg });

  foreign('a key of its own under the real id', {});
  foreign('a key in the header (jwk)', { jwk: ownJwk });
  foreign('a key at an address (jku)', { jku: 'http://127.0.0.1:9/keys.json' });
  foreign('certificates at an address (x5u)', { x5u: 'http://127.0.0.1:9/cert.pem' });
  foreign('certificates in the header (x5c)', {
    x5c: [own.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
  });
  const made: Record<string, unknown>[] = [
    { kid: '../../../../dev/null' },
    { kid: '/dev/null' },
    { kid: "' or 1=1 --" },
    { kid: "x' union select 'key" },
    { kid: 'http://127.0.0.1:9/key' },
    { kid: '| id' },
    { kid: '__proto__' },
    { kid: 'constructor' },
    { kid: '' },
    { kid: ' ' },
    { kid: `${String(header['kid'])} ` },
    { kid: `${String(header['kid'])}\u0000` },
    { kid: 'k'.repeat(5_000) },
    { kid: 1 },
    { kid: null },
    { kid: [header['kid']] },
    { kid: { $ne: null } },
    { kid: randomUUID() },
  ];
  for (const more of made) foreign(`a key of its own, kid ${JSON.stringify(more['kid']).slice(0, 30)}`, more);

  for (const typ of ['JWT', 'jwt', 'id+jwt', 'rt+jwt', 'dpop+jwt', 'logout+jwt', '', 'AT+JWS', null])
    genuine(`type ${JSON.stringify(typ)}`, {}, { typ });
  genuine('an extension that must be understood (crit)', {}, { crit: ['b64'], b64: false });
  genuine('an unknown critical extension', {}, { crit: ['made-up'], 'made-up': true });
  genuine('an empty crit', {}, { crit: [] });
  for (const iss of ['atrium2', 'ATRIUM', '', null, ['atrium'], 'https://accounts.google.com', undefined])
    genuine(`issuer ${JSON.stringify(iss) ?? 'absent'}`, { iss });
  for (const aud of ['other', 'ATRIUM', '', null, ['other'], {}, undefined])
    genuine(`audience ${JSON.stringify(aud) ?? 'absent'}`, { aud });
  genuine('expired an hour ago', { iat: now - 7_200, exp: now - 3_600 });
  genuine('expired beyond the leeway', { iat: now - 100, exp: now - 40 });
  genuine('no expiry', { exp: undefined });
  for (const exp of ['never', null, '9999999999', -1, 0, [], {}]) genuine(`expiry ${JSON.stringify(exp)}`, { exp });
  genuine('not yet valid', { nbf: now + 3_600 });
  genuine('not before in words', { nbf: 'tomorrow' });
  for (const sub of ['', null, undefined, 'admin', "' or ''='", 1, [claims.sub]])
    genuine(`subject ${JSON.stringify(sub) ?? 'absent'}`, { sub });
  for (const wid of ['', null, undefined, '*', [claims.wid]])
    genuine(`workspace ${JSON.stringify(wid) ?? 'absent'}`, { wid });
  for (const role of ['root', 'OWNER', '', null, undefined, ['owner']])
    genuine(`role ${JSON.stringify(role) ?? 'absent'}`, { role });
  genuine('a session that is no id', { sid: '../..' });
  genuine('an act that is no object', { act: 'agent-orchestrator' });
  return [...forged, ...mangledTokens(forge)];
};
