import { PageQuery, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { presentUsage, UsageView } from './usage.schema.ts';
import type { UsageService } from './usage.service.ts';

export const usageRoutes = (usage: Transactional<UsageService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/usage',
    id: 'listUsage',
    summary: 'List what runs consumed and what it cost, newest first',
    permission: 'billing:read',
    query: PageQuery,
    response: pageOf(UsageView),
    handler: async ({ tenant, query: { limit, cursor } }) => {
      const records = await usage.read(tenant, (service) => service.list(limit, cursor));
      return toPage(records, limit, ({ id, createdAt }) => ({ at: createdAt.toISOString(), id }), presentUsage);
    },
  }),
];
