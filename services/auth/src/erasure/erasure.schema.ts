import { ErasureReport } from '@atrium/contracts';
import { z } from 'zod';
import type { Erasure, Progress } from './erasure.store.ts';

const Confirmation = z.string().trim().min(1).max(320);

/** A password, or nothing where the session is fresh. */
const common = { password: z.string().min(1).max(512).optional() };
export const EraseMe = z.strictObject({
  confirm: Confirmation.describe('The email address of the account'),
  ...common,
});
export const EraseWorkspace = z.strictObject({
  confirm: Confirmation.describe('The name of the workspace'),
  ...common,
});

export const ErasureBegun = z
  .object({
    id: z.uuid(),
    /** Shown this once; opens the progress and the certificate in the header `X-Erasure-Token`. */
    token: z.string(),
    progress: z.string(),
  })
  .meta({ id: 'ErasureBegun' });

const Report = ErasureReport.omit({ erasureId: true });
const Certificate = z
  .object({
    body: z.object({
      version: z.literal(1),
      erasureId: z.uuid(),
      scope: z.enum(['user', 'workspace']),
      subjectSha256: z.string(),
      requestedAt: z.iso.datetime(),
      completedAt: z.iso.datetime(),
      services: z.array(Report.extend({ service: z.string() })),
    }),
    /** Lower-case hex, over the body with sorted keys and no spaces. */
    sha256: z.string(),
    /** JWS, compact, ES256; its payload is that text, its key is in `/.well-known/jwks.json`. */
    signature: z.string(),
  })
  .meta({ id: 'ErasureCertificate' });

export const ErasureView = z
  .object({
    id: z.uuid(),
    scope: z.enum(['user', 'workspace']),
    state: z.enum(['erasing', 'done']),
    requestedAt: z.iso.datetime(),
    completedAt: z.iso.datetime().nullable(),
    services: z.array(
      z.object({
        service: z.string(),
        state: z.enum(['pending', 'erasing', 'done']),
        percent: z.int().min(0).max(100),
        erased: Report.shape.erased,
        retained: Report.shape.retained,
        completedAt: z.iso.datetime().nullable(),
      }),
    ),
    certificate: Certificate.nullable(),
  })
  .meta({ id: 'Erasure' });

export const viewErasure = (erasure: Erasure, reports: readonly Progress[]): z.input<typeof ErasureView> => {
  const { id, scope, requestedAt, completedAt, certificate, sha256, signature } = erasure;
  return {
    id,
    scope,
    state: completedAt ? 'done' : 'erasing',
    requestedAt: requestedAt.toISOString(),
    completedAt: completedAt?.toISOString() ?? null,
    services: reports.map(({ service, state, percent, report }) => ({
      service,
      state,
      percent,
      erased: report?.erased ?? [],
      retained: report?.retained ?? [],
      completedAt: report?.completedAt ?? null,
    })),
    certificate:
      certificate && sha256 && signature
        ? { body: { ...certificate, services: [...certificate.services] }, sha256, signature }
        : null,
  };
};
