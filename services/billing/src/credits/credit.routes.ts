import { route, type Route, type Transactional } from '@atrium/service-kit';
import { CreditsView, presentCredit } from './credit.schema.ts';
import type { CreditService } from './credit.service.ts';

export const creditRoutes = (credits: Transactional<CreditService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/credits',
    id: 'listCredits',
    summary:
      'List where the money came from, in the order in which it is used up, with what is left and when it expires',
    permission: 'billing:read',
    response: CreditsView,
    handler: async ({ tenant }) => ({
      data: (await credits.read(tenant, (service) => service.list())).map(presentCredit),
    }),
  }),
];
