import { createHash } from 'node:crypto';
import type { ErasureReport } from '@atrium/contracts';
import jwt from 'jsonwebtoken';
import type { KeyRing } from '../tokens/key.ring.ts';

/** What a certificate says. It names nobody: who has the subject's id can hash it and compare. */
export interface CertificateBody {
  readonly version: 1;
  readonly erasureId: string;
  readonly scope: 'user' | 'workspace';
  /** Lower-case hex SHA-256 of the id of the person or the workspace. */
  readonly subjectSha256: string;
  readonly requestedAt: string;
  readonly completedAt: string;
  readonly services: readonly (Omit<ErasureReport, 'erasureId'> & { readonly service: string })[];
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** JSON with sorted keys and no spaces (RFC 8785, for the values that occur here: no fractions, no odd numbers). */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
};

/**
 * Signs a certificate with the key that signs tokens (JWS compact, RFC 7515, ES256; the payload is the canonical body).
 * Its type, and that it has neither issuer nor audience, keep it from being taken for a token.
 */
export const certify = (body: CertificateBody, { signing }: Pick<KeyRing, 'signing'>) => {
  const text = canonical(body);
  const signature = jwt.sign(text, signing.key, {
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: 'erasure-certificate+jws', kid: signing.kid },
  });
  return { body, sha256: sha256(text), signature };
};
