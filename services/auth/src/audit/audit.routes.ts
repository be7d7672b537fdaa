import {
  decodeCursor,
  invalid,
  pageOf,
  route,
  toPage,
  type AuditReader,
  type Transactional,
} from '@atrium/service-kit';
import { AuditQuery, AuditRecordView, viewAuditRecord } from './audit.schema.ts';

/** The place in the chain that a page ended at. */
const placeOf = (cursor: string | undefined): number | undefined => {
  const decoded = decodeCursor(cursor);
  if (!decoded) return undefined;
  if (/^[1-9]\d{0,14}$/.test(decoded.at)) return Number(decoded.at);
  throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
};
const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** What was done in the workspace, by whom, from where and how it ended. */
export const auditRoutes = ({ audit }: { audit: Transactional<AuditReader> }) => [
  route({
    method: 'get',
    path: '/audit-log',
    id: 'listAuditLog',
    summary: 'Read the audit log, newest first',
    permission: 'audit:read',
    query: AuditQuery,
    response: pageOf(AuditRecordView),
    handler: async ({ query, tenant }) => {
      const { limit, cursor, actor, operation, from, to } = query;
      const filter = { userId: actor, operation, from: timeOf(from), to: timeOf(to), before: placeOf(cursor) };
      const rows = await audit.read(tenant, (reader) => reader.list(filter, limit + 1));
      return toPage(rows, limit, ({ sequence, id }) => ({ at: String(sequence), id }), viewAuditRecord);
    },
  }),
];
