import { z } from 'zod';
import { defineCall } from '../call.ts';
import type { ServiceName } from '../subscriptions.ts';

/** One thing that was done or refused, as a service has it on record. */
export const AuditRecord = z
  .object({
    id: z.uuid(),
    /** Place in the chain that the service keeps for the workspace, from 1 without gaps. */
    sequence: z.int(),
    /** In UTC with microseconds. */
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
  .meta({ id: 'AuditEntry' });
export type AuditRecord = z.infer<typeof AuditRecord>;

/** Which records of a service's log; of those at one time, the ones with smaller ids than `beforeId`. */
export const AuditPart = z.strictObject({
  limit: z.coerce.number().int().min(1).max(101),
  actor: z.uuid().optional(),
  operation: z.string().max(100).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  before: z.iso.datetime().optional(),
  beforeId: z.uuid().optional(),
});
export type AuditPart = z.infer<typeof AuditPart>;

/** Reads one service's part of a workspace's audit log, the newest record first. */
export const readAuditLog = (service: ServiceName) =>
  defineCall({
    service,
    method: 'get',
    path: '/internal/audit-log',
    request: AuditPart,
    response: z.object({ data: z.array(AuditRecord) }),
  });
