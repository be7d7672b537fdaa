import { route, type Route, type Transactional } from '@atrium/service-kit';
import { needed, type Checkout } from '../checkout/checkout.service.ts';
import { CheckoutLink } from '../payment.schema.ts';
import type { CardService } from './card.service.ts';

export const cardRoutes = (cards: Transactional<CardService>, checkout: Checkout | undefined): Route[] => [
  route({
    method: 'post',
    path: '/billing/payment-methods',
    id: 'beginCard',
    summary: 'Begin to save a card for automatic top-ups, in place of the one before; the answer says where',
    permission: 'payment:write',
    answersSecret: true,
    response: CheckoutLink,
    errors: [409, 503],
    handler: async ({ tenant, identity, req }) => {
      const asker = { ...tenant, userId: identity.tenant.userId };
      return { url: await needed(checkout).saveCard(asker, req.get('idempotency-key')) };
    },
  }),
  route({
    method: 'delete',
    path: '/billing/payment-methods',
    id: 'removeCard',
    summary: 'Forget the saved card, here and at Stripe; a rule of automatic top-ups waits for another',
    permission: 'payment:write',
    handler: ({ tenant }) => cards.run(tenant, (service) => service.remove()),
  }),
];
