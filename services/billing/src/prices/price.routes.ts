import { NO_WORKSPACE, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import {
  EstimateCost,
  EstimateView,
  ImportPrices,
  ImportReport,
  ListPrices,
  presentPrice,
  PriceView,
} from './price.schema.ts';
import { placeOf, type PriceService } from './price.service.ts';

export const priceRoutes = (prices: Transactional<PriceService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/prices',
    id: 'listPrices',
    summary: "List what things cost: the workspace's own prices, then those that all share",
    permission: 'billing:read',
    query: ListPrices,
    response: pageOf(PriceView),
    handler: async ({ tenant, query }) => {
      const rows = await prices.read(tenant, (service) => service.list(query));
      return toPage(rows, query.limit, (row) => ({ at: placeOf(row), id: NO_WORKSPACE }), presentPrice);
    },
  }),
  route({
    method: 'post',
    path: '/billing/prices/import',
    id: 'importPrices',
    summary: "Set the workspace's own prices from a file, all rows or none; `dryRun` only reports",
    permission: 'billing:write',
    body: ImportPrices,
    bodyLimit: 2 * 2 ** 20,
    response: ImportReport,
    handler: ({ tenant, body }) => prices.run(tenant, (service) => service.import(body)),
  }),
  route({
    method: 'post',
    path: '/billing/estimate',
    id: 'estimateCost',
    summary: 'Say what something would cost, from the least to the most, and what would be left',
    permission: 'billing:read',
    body: EstimateCost,
    response: EstimateView,
    handler: ({ tenant, body }) => prices.run(tenant, (service) => service.estimate(body)),
  }),
];
