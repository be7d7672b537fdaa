import { decodeCursor, invalid, route, toPage } from '@atrium/service-kit';
import { z } from 'zod';
import { AuditPage, AuditQuery } from './audit.schema.ts';
import type { Recorded, WholeAudit } from './audit.whole.ts';

const Time = z.iso.datetime().regex(/^2\d{3}-/);

/** Where in time a page ended. */
const placeOf = (cursor: string | undefined): { before?: string; beforeId?: string } => {
  const decoded = decodeCursor(cursor);
  if (!decoded) return {};
  if (!Time.safeParse(decoded.at).success)
    throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return { before: decoded.at, beforeId: decoded.id };
};

/** What was done in the workspace, by whom, from where and how it ended; of all services, in one order. */
export const auditRoutes = ({ audit }: { audit: WholeAudit }) => [
  route({
    method: 'get',
    path: '/audit-log',
    id: 'listAuditLog',
    summary: 'Read the audit log of all services, newest first',
    permission: 'audit:read',
    query: AuditQuery,
    response: AuditPage,
    handler: async ({ query, tenant: { userId, workspaceId } }) => {
      const { limit, cursor, service, ...filter } = query;
      const part = { ...filter, ...placeOf(cursor), limit: limit + 1 };
      const { records, incomplete } = await audit.list({ userId, workspaceId }, part, service);
      const page = toPage(
        records,
        limit,
        ({ at, id }) => ({ at, id }),
        (record: Recorded) => record,
      );
      return { ...page, incomplete };
    },
  }),
];
