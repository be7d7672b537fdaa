import {
  newId,
  transactional,
  type DataRuntime,
  type JobHandler,
  type Logger,
  type MigrationClass,
  type Route,
  type ServiceConfig,
  type Unit,
} from '@atrium/service-kit';
import { InvoiceEntity } from '../invoices/invoice.entity.ts';
import { invoiceRoutes } from '../invoices/invoice.routes.ts';
import { createInvoiceService } from '../invoices/invoice.service.ts';
import { createInvoiceStore } from '../invoices/invoice.store.ts';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { Invoices1776300000001 } from '../migrations/invoices.migration.ts';
import { Cards1779000000010 } from '../migrations/cards.migration.ts';
import { Payments1776300000000 } from '../migrations/payments.migration.ts';
import { ProfileEntity } from '../profile/profile.entity.ts';
import { profileRoutes } from '../profile/profile.routes.ts';
import { createProfileService } from '../profile/profile.service.ts';
import { createProfileStore } from '../profile/profile.store.ts';
import { statementJobs } from '../statements/statement.jobs.ts';
import { statementRoutes } from '../statements/statement.routes.ts';
import { createStatementService } from '../statements/statement.service.ts';
import { createStatementStore } from '../statements/statement.store.ts';
import type { TopUpService } from '../budgets/top-up.service.ts';
import { automaticJobs } from './automatic/automatic.jobs.ts';
import { createAutomaticService } from './automatic/automatic.service.ts';
import { createCardCharge } from './automatic/card.charge.ts';
import { cardRoutes } from './cards/card.routes.ts';
import { createCardService } from './cards/card.service.ts';
import { createCardStore } from './cards/card.store.ts';
import { createCheckout } from './checkout/checkout.service.ts';
import { createStripe } from './checkout/stripe.client.ts';
import { createStripeFacts } from './checkout/stripe.facts.ts';
import { paymentMeans, type PaymentSettings } from './payment.config.ts';
import { createPaymentDesk } from './payment.desk.ts';
import { PaymentEntity } from './payment.entity.ts';
import { paymentJobs } from './payment.jobs.ts';
import { paymentRoutes } from './payment.routes.ts';
import { createPaymentService } from './payment.service.ts';
import { createPaymentSettlement } from './payment.settlement.ts';
import { createPaymentStore } from './payment.store.ts';
import type { Plans } from './plan.port.ts';
import { DisputeEntity, RefundEntity } from './refunds/refund.entity.ts';
import { createRefundService } from './refunds/refund.service.ts';
import { createRefundStore } from './refunds/refund.store.ts';
import { createStripeApply } from './webhooks/stripe.apply.ts';
import { createStripeEventStore } from './webhooks/stripe.event.store.ts';
import { webhookRoutes } from './webhooks/webhook.routes.ts';
import { createWebhookService } from './webhooks/webhook.service.ts';

export const paymentEntities = [PaymentEntity, RefundEntity, DisputeEntity, InvoiceEntity, ProfileEntity];
export const paymentMigrations: readonly MigrationClass[] = [
  ...[Payments1776300000000, Invoices1776300000001, Cards1779000000010],
];

/** Builds payments, invoices and statements on the ledger and the plans of the service. */
export const composePayments = (parts: {
  config: PaymentSettings & Pick<ServiceConfig, 'BREAKER_FAILURES' | 'BREAKER_OPEN_MS'>;
  runtime: DataRuntime;
  log: Logger;
  ledgerOf: (unit: Unit) => LedgerService;
  plansOf: (unit: Unit) => Plans;
  topUpsOf: (unit: Unit) => TopUpService;
  now: () => Date;
}) => {
  const { config, runtime, log, ledgerOf, plansOf, topUpsOf, now } = parts;
  const { rates, limits, means } = paymentMeans(config);
  const seller = config.INVOICE_SELLER;

  const cardStoreOf = ({ manager, tenant }: Unit) => createCardStore(manager, tenant);
  const profileOf = (unit: Unit) =>
    createProfileService({
      profiles: createProfileStore(unit.manager, unit.tenant),
      payments: createPaymentStore(unit.manager, unit.tenant),
      ledger: ledgerOf(unit),
      ...{ rates, now },
    });
  const invoicesOf = (unit: Unit) =>
    createInvoiceService({
      invoices: createInvoiceStore(unit.manager, unit.tenant),
      profile: profileOf(unit),
      outbox: unit.outbox,
      ...{ seller, now, newId },
    });
  const settlementOf = (unit: Unit) =>
    createPaymentSettlement({
      ledger: ledgerOf(unit),
      payments: createPaymentStore(unit.manager, unit.tenant),
      invoices: invoicesOf(unit),
      outbox: unit.outbox,
      plans: plansOf(unit),
      topUps: topUpsOf(unit),
      ...{ now, log },
    });
  const refundsOf = (unit: Unit) =>
    createRefundService({
      payments: createPaymentStore(unit.manager, unit.tenant),
      refunds: createRefundStore(unit.manager, unit.tenant),
      settlement: settlementOf(unit),
      jobs: unit.jobs,
      ...{ now, newId },
    });
  const paymentsOf = (unit: Unit) =>
    createPaymentService({
      payments: createPaymentStore(unit.manager, unit.tenant),
      settlement: settlementOf(unit),
      refunds: refundsOf(unit),
      profile: profileOf(unit),
      taxes: config.TAXES,
      ...{ rates, limits, now, newId },
    });
  const deskOf = (unit: Unit) =>
    createPaymentDesk({
      payments: paymentsOf(unit),
      refunds: refundsOf(unit),
      profile: profileOf(unit),
      cards: cardStoreOf(unit),
      jobs: unit.jobs,
      ...{ rates, limits, means, now },
    });
  const cardsOf = (unit: Unit) =>
    createCardService({
      cards: cardStoreOf(unit),
      topUps: topUpsOf(unit),
      lock: ledgerOf(unit).openAndLock,
      jobs: unit.jobs,
    });
  const automaticOf = (unit: Unit) =>
    createAutomaticService({
      topUps: topUpsOf(unit),
      payments: paymentsOf(unit),
      store: createPaymentStore(unit.manager, unit.tenant),
      cards: cardStoreOf(unit),
      lock: ledgerOf(unit).openAndLock,
    });
  const statementsOf = (unit: Unit) =>
    createStatementService({
      statements: createStatementStore(unit.manager, unit.tenant),
      ledger: ledgerOf(unit),
      jobs: unit.jobs,
      workspaceId: unit.tenant.workspaceId,
      now,
    });

  const key = config.STRIPE_SECRET_KEY;
  const stripe =
    key === undefined
      ? undefined
      : createStripe({
          ...{ secretKey: key, apiUrl: config.STRIPE_API_URL },
          breaker: { failures: config.BREAKER_FAILURES, openMs: config.BREAKER_OPEN_MS },
          now: () => now().getTime(),
        });
  const payments = transactional(runtime, paymentsOf);
  const profile = transactional(runtime, profileOf);
  const statements = transactional(runtime, statementsOf);
  const inbox = transactional(runtime, (unit) =>
    createWebhookService({ events: createStripeEventStore(unit.manager), jobs: unit.jobs, now }),
  );
  const units = transactional(runtime, (unit) => ({
    payments: paymentsOf(unit),
    profile: profileOf(unit),
    plans: plansOf(unit),
  }));
  const checkout = stripe && createCheckout({ stripe, units, returnUrl: config.CHECKOUT_RETURN_URL, newId });
  const facts = stripe && createStripeFacts(stripe);
  const cards = transactional(runtime, cardsOf);
  const apply = facts && createStripeApply({ facts, inbox, payments, cards, now });
  const charge = stripe && facts && createCardCharge({ stripe, facts, now });
  const automatic = transactional(runtime, automaticOf);

  const jobs: JobHandler[] = [
    ...paymentJobs({ stripe, apply, checkout, refunds: transactional(runtime, refundsOf), now }),
    ...automaticJobs({ charge, automatic, payments, topUpsOf, now }),
    ...statementJobs(statements, now),
  ];
  return {
    ...{ desk: transactional(runtime, deskOf), invoices: transactional(runtime, invoicesOf) },
    ...{ stripe, cards, profile, statements, inbox, checkout, seller, jobs, now, statementsOf },
    secrets: config.STRIPE_WEBHOOK_SECRETS,
  };
};
export type PaymentFeatures = ReturnType<typeof composePayments>;

export const paymentFeatureRoutes = (features: PaymentFeatures): Route[] => {
  const { desk, cards, checkout, inbox, secrets, profile, seller, invoices, statements, now } = features;
  return [
    ...paymentRoutes(desk, checkout),
    ...cardRoutes(cards, checkout),
    ...webhookRoutes(inbox, secrets, now),
    ...profileRoutes(profile, seller),
    ...invoiceRoutes(invoices),
    ...statementRoutes(statements, profile, seller),
  ];
};
