import { claimsOf, headerOf, signToken } from '../../platform/tokens.ts';
import type { Forge, Forged } from './forged.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes in another spelling: the last letter of a 64-byte signature has four bits that mean nothing. */
const respelled = (signature: string): string => {
  const last = ALPHABET.indexOf(signature.at(-1) ?? 'A');
  return signature.slice(0, -1) + (ALPHABET[last ^ 1] ?? 'B');
};

/** Real tokens with bytes out of place (RFC 7515 §5.2, RFC 4648 §3.5). */
export const mangledTokens = ({ person, victim, privateKey, random }: Forge): Forged[] => {
  const { token } = person;
  const [head = '', body = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const wanted = encode(JSON.stringify({ ...claimsOf(token), sub: victim.id, wid: victim.workspaceId, role: 'owner' }));
  const forged: Forged[] = [];
  const add = (name: string, mangled: string): void => void forged.push({ name, token: mangled });
  const signed = (name: string, r: Buffer, s: Buffer): void =>
    add(name, `${head}.${wanted}.${Buffer.concat([r, s]).toString('base64url')}`);
  const zero = Buffer.alloc(32);
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  signed('an all-zero signature (CVE-2022-21449)', zero, zero);
  signed('r zero', zero, bytes.subarray(32));
  signed('s zero', bytes.subarray(0, 32), zero);
  signed('r and s the order of the curve', order, order);
  signed('a signature of ones', Buffer.alloc(32, 255), Buffer.alloc(32, 255));
  signed('the signature of another token', bytes.subarray(0, 32), bytes.subarray(32));
  add('other claims under the old signature', `${head}.${wanted}.${signature}`);
  add('half a signature', `${head}.${body}.${bytes.subarray(0, 32).toString('base64url')}`);
  add(
    'a signature and a byte more',
    `${head}.${body}.${Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url')}`,
  );
  add('a signature spelled otherwise', `${head}.${body}.${respelled(signature)}`);
  add('a signature with padding', `${head}.${body}.${signature}==`);
  add('a signature in base64 with + and /', `${head}.${body}.${bytes.toString('base64').replace(/=+$/, '')}+`);
  add('claims with padding', `${head}.${body}=.${signature}`);
  add('a fourth part', `${token}.${signature}`);
  add('five parts, as encrypted ones have', `${head}.${body}.${body}.${body}.${signature}`);
  add('a dot at the end', `${token}.`);
  add('a dot in front', `.${token}`);
  add('two parts', `${head}.${body}`);
  add('one part', head);
  add('nothing but dots', '..');
  add('a megabyte', `${head}.${'A'.repeat(1_048_576)}.${signature}`);
  add(
    'eight kilobytes',
    `${head}.${encode(JSON.stringify({ ...claimsOf(token), x: 'x'.repeat(6_000) }))}.${signature}`,
  );
  add('no JSON in front', `${encode('{')}.${body}.${signature}`);
  add('a list in front', `${encode('["ES256"]')}.${body}.${signature}`);
  add('no JSON in the middle', signToken(headerOf(token), 'not json', privateKey));
  add('a list in the middle', signToken(headerOf(token), '[]', privateKey));
  add('null in the middle', signToken(headerOf(token), 'null', privateKey));
  const twice = JSON.stringify(headerOf(token)).replace('{', '{"alg":"none",');
  add('alg given twice', `${encode(twice)}.${wanted}.`);
  add('upper case', token.toUpperCase());
  add('its letters the other way round', [...token].reverse().join(''));
  for (let round = 0; round < 16; round += 1) {
    const at = random.int(token.length - 1);
    const letter = token[at];
    if (letter === '.') continue;
    add(`letter ${at} changed`, `${token.slice(0, at)}${letter === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`);
  }
  const headers = [
    ['no scheme', token],
    ['the scheme Basic', `Basic ${token}`],
    ['the scheme twice', `Bearer Bearer ${token}`],
    ['two tokens', `Bearer ${token}x, Bearer ${token}`],
    ['quotes around it', `Bearer "${token}"`],
    ['a word behind it', `Bearer ${token} owner`],
    ['an empty token', 'Bearer '],
  ] as const;
  return [...forged, ...headers.map(([name, header]) => ({ name, token, header }))];
};
