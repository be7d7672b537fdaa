import { AuditRecord, serviceNames } from '@atrium/contracts';
import { pageOf, PageQuery } from '@atrium/service-kit';
import { z } from 'zod';

/** Which records; times are RFC 3339, `from` included and `to` not. */
export const AuditQuery = PageQuery.extend({
  /** Who did it, or to whose account it was tried. */
  actor: z.uuid().optional(),
  operation: z
    .string()
    .regex(/^[A-Za-z.]{1,100}$/, 'Send the id of an operation, such as login.')
    .optional(),
  /** One service's records only. */
  service: z.enum(serviceNames).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

const AuditRecordView = AuditRecord.extend({
  /** In whose chain it is. */
  service: z.enum(serviceNames),
}).meta({ id: 'AuditRecord' });

export const AuditPage = pageOf(AuditRecordView).extend({
  /** Services that did not answer in time: what they have on record is missing from this page. */
  incomplete: z.array(z.enum(serviceNames)),
});
