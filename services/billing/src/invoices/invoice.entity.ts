import { EntitySchema } from 'typeorm';
import { amountColumn } from '../ledger/money.column.ts';
import type { StoredTax } from '../payments/payment.entity.ts';
import type { Language, Party } from '../profile/profile.ts';

export const invoiceKinds = ['invoice', 'credit_note'] as const;
export type InvoiceKind = (typeof invoiceKinds)[number];

/** One line; a cent amount as text, because JSON has no bigint. */
export interface InvoiceLine {
  /** What it is, so that it can be put into words of any language. */
  what: 'topup' | 'subscription' | 'refund' | 'refund_failed' | 'dispute' | 'dispute_won';
  /** A plan, or the number of the invoice it is about. */
  detail: string | null;
  amount: string;
}

/** A numbered document; it never changes. Amounts in cents. */
export interface Invoice {
  id: string;
  workspaceId: string;
  /** From 1 without gaps in its workspace, over invoices and credit notes. */
  number: bigint;
  kind: InvoiceKind;
  /** The payment, refund or dispute it is about. */
  sourceId: string;
  paymentId: string;
  currency: string;
  net: bigint;
  total: bigint;
  taxes: StoredTax[];
  lines: InvoiceLine[];
  seller: Party;
  buyer: Party;
  language: Language;
  issuedAt: Date;
}
export const InvoiceEntity = new EntitySchema<Invoice>({
  name: 'Invoice',
  tableName: 'invoices',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    number: amountColumn,
    kind: { type: 'text' },
    sourceId: { type: 'uuid' },
    paymentId: { type: 'uuid' },
    currency: { type: 'text' },
    net: amountColumn,
    total: amountColumn,
    taxes: { type: 'jsonb' },
    lines: { type: 'jsonb' },
    seller: { type: 'jsonb' },
    buyer: { type: 'jsonb' },
    language: { type: 'text' },
    issuedAt: { type: 'timestamptz' },
  },
});
