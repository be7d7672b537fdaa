import { pageOf, route, type Route, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import { writeCsv } from '../paper/csv.ts';
import { UsageFileQuery, UsageGroupView, UsageQuery, UsageView } from './usage.schema.ts';
import type { UsageService } from './usage.service.ts';

export const usageRoutes = (usage: Transactional<UsageService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/usage',
    id: 'listUsage',
    summary: 'List what was consumed and what it cost, newest first; or its sums by user, agent, model, tag, day …',
    permission: 'billing:read',
    query: UsageQuery,
    response: pageOf(z.union([UsageView, UsageGroupView])),
    handler: ({ tenant, query }) => usage.read(tenant, (service) => service.list(query)),
  }),
  route({
    method: 'get',
    path: '/billing/usage.csv',
    id: 'exportUsage',
    summary: 'The same as a CSV file',
    permission: 'billing:read',
    query: UsageFileQuery,
    produces: 'text/csv',
    handler: async ({ tenant, query, res }) => {
      const { header, rows } = await usage.read(tenant, (service) => service.file(query));
      res.set('content-disposition', 'attachment; filename="usage.csv"');
      res.type('text/csv').send(writeCsv(header, rows));
    },
  }),
];
