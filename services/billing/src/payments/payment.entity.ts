import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { PaymentKind, PaymentStatus, Provider } from './payment.ts';

/** A tax as it is stored: JSON has no bigint. */
export interface StoredTax {
  name: string;
  rate: number;
  inclusive: boolean;
  amount: string;
}

/** Money that somebody was asked for; amounts in cents of its currency. */
export interface Payment {
  id: string;
  workspaceId: string;
  kind: PaymentKind;
  provider: Provider;
  /** Made by a rule, with nobody there. */
  automatic: boolean;
  status: PaymentStatus;
  currency: string;
  /** Micro-units of the books for a cent, as they were when it was made. */
  rate: bigint;
  /** What is bought, with the taxes it contains. */
  price: bigint;
  /** What is added in taxes. */
  tax: bigint;
  total: bigint;
  taxes: StoredTax[];
  /** Where a manual payment is found in the operator's own books. */
  reference: string | null;
  reason: string | null;
  plan: string | null;
  periodStart: Date | null;
  periodEnd: Date | null;
  sessionId: string | null;
  checkoutUrl: string | null;
  intentId: string | null;
  stripeInvoiceId: string | null;
  failure: string | null;
  createdBy: string | null;
  createdAt: Date;
  updatedAt: Date;
  paidAt: Date | null;
}
export const PaymentEntity = new EntitySchema<Payment>({
  name: 'Payment',
  tableName: 'payments',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    kind: { type: 'text' },
    provider: { type: 'text' },
    automatic: { type: 'boolean' },
    status: { type: 'text' },
    currency: { type: 'text' },
    rate: amountColumn,
    price: amountColumn,
    tax: amountColumn,
    total: amountColumn,
    taxes: { type: 'jsonb' },
    reference: { type: 'text', nullable: true },
    reason: { type: 'text', nullable: true },
    plan: { type: 'text', nullable: true },
    periodStart: { type: 'timestamptz', nullable: true },
    periodEnd: { type: 'timestamptz', nullable: true },
    sessionId: { type: 'text', nullable: true },
    checkoutUrl: { type: 'text', nullable: true },
    intentId: { type: 'text', nullable: true },
    stripeInvoiceId: { type: 'text', nullable: true },
    failure: { type: 'text', nullable: true },
    createdBy: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
    updatedAt: { type: 'timestamptz' },
    paidAt: { type: 'timestamptz', nullable: true },
  },
});
