import { createPrivateKey, sign } from 'node:crypto';
import type { Role } from '@atrium/contracts';

/** What an access token says. */
export interface Claims {
  readonly sub: string;
  readonly wid: string;
  readonly role: Role;
  readonly sid?: string;
  readonly iat: number;
  readonly exp: number;
}

const encode = (part: object | string): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

export const headerOf = (token: string): Record<string, unknown> => part(token, 0);
export const claimsOf = (token: string): Claims => part(token, 1) as unknown as Claims;

/** Signs what it is given with the platform's own key (RFC 7515): for tokens that are wrong in everything but that. */
export const signToken = (header: object | string, claims: object | string, privateKey: string): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  const key = { key: createPrivateKey(privateKey), dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
};

/** A real token with some claims changed, signed as auth would. */
export const resign = (token: string, claims: object, privateKey: string): string =>
  signToken(headerOf(token), { ...claimsOf(token), ...claims }, privateKey);
