import { readAuditLog, type ServiceName } from '@atrium/contracts';
import { transactional, type DataRuntime, type Transactional } from '../data/transactional.ts';
import { operationNameOf, route, type Route } from '../http/route.ts';
import { createAuditReader, type AuditReader } from './audit.reader.ts';

export type AuditReading = Transactional<AuditReader>;

export const readsAudit = (runtime: DataRuntime): AuditReading =>
  transactional(runtime, ({ manager, tenant }) => createAuditReader(manager, tenant));

/** A service's part of the log of the caller's workspace, for auth, which shows the parts as one. */
export const auditRoutes = (service: ServiceName, audit: AuditReading): Route[] => [
  route({
    method: 'get',
    path: '/audit-log',
    surface: 'internal',
    id: `read${operationNameOf(service)}AuditLog`,
    summary: "Read this service's part of the audit log, newest first",
    permission: 'internal:audit.read',
    query: readAuditLog(service).request,
    response: readAuditLog(service).response,
    handler: async ({ query, tenant }) => ({ data: await audit.read(tenant, (reader) => reader.list(query)) }),
  }),
];
