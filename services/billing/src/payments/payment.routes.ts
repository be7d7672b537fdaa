import { IdParams, PageQuery, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { needed, type Checkout } from './checkout/checkout.service.ts';
import {
  AskRefund,
  CheckoutLink,
  ManualTopUp,
  PaymentDetailView,
  PaymentMethodsView,
  PaymentView,
  presentDetail,
  presentPayment,
  presentRefund,
  RefundView,
  Subscribe,
  TopUp,
} from './payment.schema.ts';
import type { PaymentDesk } from './payment.desk.ts';

const cents = (amount: number): bigint => BigInt(amount);

export const paymentRoutes = (desk: Transactional<PaymentDesk>, checkout: Checkout | undefined): Route[] => [
  route({
    method: 'get',
    path: '/billing/payment-methods',
    id: 'readPaymentMethods',
    summary: 'Read how this workspace can pay',
    permission: 'billing:read',
    response: PaymentMethodsView,
    handler: ({ tenant }) => desk.read(tenant, (service) => service.methods()),
  }),
  route({
    method: 'post',
    path: '/billing/topups',
    id: 'beginTopUp',
    summary: 'Begin a top-up; the answer says where to pay',
    permission: 'payment:write',
    status: 201,
    body: TopUp,
    response: PaymentView,
    errors: [409, 503],
    handler: async ({ tenant, identity, body, req }) => {
      const asker = { ...tenant, userId: identity.tenant.userId };
      const key = req.get('idempotency-key');
      const begun = await needed(checkout).topUp(asker, cents(body.amountCents), body.currency, key);
      return desk.run(tenant, async (service) => presentPayment(await service.note(begun, asker.userId)));
    },
  }),
  route({
    method: 'post',
    path: '/billing/topups/manual',
    id: 'enterTopUp',
    summary: 'Enter a top-up that was paid in another way; a reference is booked once',
    permission: 'payment:credit',
    status: 201,
    body: ManualTopUp,
    response: PaymentView,
    errors: [409],
    handler: ({ tenant, identity, body: { amountCents, ...given } }) =>
      desk.run(tenant, async (service) =>
        presentPayment(await service.enter(cents(amountCents), given, identity.tenant.userId)),
      ),
  }),
  route({
    method: 'post',
    path: '/billing/subscription/checkout',
    id: 'beginSubscription',
    summary: 'Begin to pay for a plan; the answer says where',
    permission: 'payment:write',
    answersSecret: true,
    body: Subscribe,
    response: CheckoutLink,
    errors: [404, 409, 503],
    handler: async ({ tenant, identity, body, req }) => {
      const asker = { ...tenant, userId: identity.tenant.userId };
      return { url: await needed(checkout).subscribe(asker, body.plan, req.get('idempotency-key')) };
    },
  }),
  route({
    method: 'post',
    path: '/billing/portal',
    id: 'openPortal',
    summary: "Open Stripe's page for cards and subscriptions",
    permission: 'payment:write',
    answersSecret: true,
    response: CheckoutLink,
    errors: [409, 503],
    handler: async ({ tenant }) => ({ url: await needed(checkout).portal(tenant) }),
  }),
  route({
    method: 'get',
    path: '/billing/payments',
    id: 'listPayments',
    summary: 'List payments, newest first',
    permission: 'billing:read',
    query: PageQuery,
    response: pageOf(PaymentView),
    handler: async ({ tenant, query: { limit, cursor } }) => {
      const rows = await desk.read(tenant, (service) => service.list(limit, cursor));
      return toPage(rows, limit, ({ id, createdAt }) => ({ at: createdAt.toISOString(), id }), presentPayment);
    },
  }),
  route({
    method: 'get',
    path: '/billing/payments/:id',
    id: 'readPayment',
    summary: 'Read a payment with its refunds and disputes',
    permission: 'billing:read',
    params: IdParams,
    response: PaymentDetailView,
    errors: [404],
    handler: ({ tenant, params }) =>
      desk.read(tenant, async (service) => {
        const { payment, refunds, disputes } = await service.detail(params.id);
        return presentDetail(payment, refunds, disputes);
      }),
  }),
  route({
    method: 'post',
    path: '/billing/payments/:id/cancel',
    id: 'cancelPayment',
    summary: 'Give up a payment that nobody made yet',
    permission: 'payment:write',
    params: IdParams,
    response: PaymentView,
    errors: [404, 409],
    handler: ({ tenant, params }) =>
      desk.run(tenant, async (service) => presentPayment(await service.cancel(params.id))),
  }),
  route({
    method: 'post',
    path: '/billing/payments/:id/refunds',
    id: 'refundPayment',
    summary: 'Send money of a payment back, in part or what is left of it',
    permission: 'payment:refund',
    status: 201,
    params: IdParams,
    body: AskRefund,
    response: RefundView,
    errors: [404, 409],
    handler: ({ tenant, identity, params, body: { amountCents, reason } }) => {
      const amount = amountCents === undefined ? undefined : cents(amountCents);
      return desk.run(tenant, async (service) =>
        presentRefund(await service.refund(params.id, amount, reason, identity.tenant.userId)),
      );
    },
  }),
];
