import { PageQuery, type AuditRecord } from '@atrium/service-kit';
import { z } from 'zod';

/** Which records; times are RFC 3339, `from` included and `to` not. */
export const AuditQuery = PageQuery.extend({
  /** Who did it, or to whose account it was tried. */
  actor: z.uuid().optional(),
  operation: z
    .string()
    .regex(/^[A-Za-z.]{1,100}$/, 'Send the id of an operation, such as login.')
    .optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditRecordView = z
  .object({
    id: z.uuid(),
    /** Place in the workspace's chain, from 1 without gaps. */
    sequence: z.int(),
    at: z.iso.datetime(),
    actor: z.object({
      userId: z.uuid().nullable(),
      /** The service that acted for them. */
      service: z.string().nullable(),
      /** `session:<id>` or `key:<id>`. */
      credential: z.string().nullable(),
      ip: z.string().nullable(),
      userAgent: z.string().nullable(),
    }),
    operation: z.string(),
    outcome: z.enum(['ok', 'denied', 'failed']),
    code: z.string().nullable(),
    target: z.string().nullable(),
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()),
    /** SHA-256 over this record and the hash of the one before. */
    hash: z.string(),
  })
  .meta({ id: 'AuditRecord' });

export const viewAuditRecord = (record: AuditRecord): z.input<typeof AuditRecordView> => ({
  ...record,
  at: record.at.toISOString(),
  actor: {
    userId: record.userId,
    service: record.actor,
    credential: record.credential,
    ip: record.ip,
    userAgent: record.userAgent,
  },
});
