import { z } from 'zod';
import { defineEvent } from '../event.ts';

const Payment = z.object({
  paymentId: z.uuid(),
  kind: z.enum(['topup', 'subscription']),
  provider: z.enum(['stripe', 'manual']),
  /** What was to be paid with taxes, in cents of the currency. */
  totalCents: z.int().nonnegative(),
  currency: z.string(),
});

/** Money arrived; once a payment. */
export const PaymentSucceeded = defineEvent('billing.payment.succeeded', 1, Payment, { live: 'workspace' });

const PaymentProblem = Payment.extend({
  reason: z.string(),
  /** Of an automatic top-up: what went wrong as a stable word, and what the workspace's people can do about it. */
  code: z.string().optional(),
  advice: z.string().optional(),
});

/** A payment came to nothing: declined, or not paid in time. */
export const PaymentFailed = defineEvent('billing.payment.failed', 1, PaymentProblem, { live: 'workspace' });

/** An invoice, or a credit note for a refund, got its number. */
export const InvoiceIssued = defineEvent(
  'billing.invoice.issued',
  1,
  z.object({
    invoiceId: z.uuid(),
    kind: z.enum(['invoice', 'credit_note']),
    number: z.int().positive(),
    paymentId: z.uuid(),
    totalCents: z.int().nonnegative(),
    currency: z.string(),
  }),
  { live: 'workspace' },
);
