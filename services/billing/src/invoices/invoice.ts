import type { Payment, StoredTax } from '../payments/payment.entity.ts';
import type { Dispute, Refund } from '../payments/refunds/refund.entity.ts';
import type { InvoiceKind, InvoiceLine } from './invoice.entity.ts';

/** What a document is about, before it has a number. Amounts in cents. */
export interface InvoiceDraft {
  readonly kind: InvoiceKind;
  readonly sourceId: string;
  readonly paymentId: string;
  readonly currency: string;
  readonly net: bigint;
  readonly total: bigint;
  readonly taxes: StoredTax[];
  readonly lines: InvoiceLine[];
}

const sum = (taxes: readonly StoredTax[]): bigint => taxes.reduce((all, { amount }) => all + BigInt(amount), 0n);

/** The invoice of a payment that arrived. */
export const invoiceFor = ({ id, kind, plan, currency, taxes, total }: Payment): InvoiceDraft => {
  const net = total - sum(taxes);
  return {
    ...{ kind: 'invoice', sourceId: id, paymentId: id, currency, net, total, taxes },
    lines: [{ what: kind, detail: plan, amount: net.toString() }],
  };
};

/**
 * The taxes in a part of a payment: each as large a share of its own as the part is of the whole, rounded down to a
 * cent; for the whole payment exactly what was on its invoice.
 */
const shareOfTaxes = ({ taxes, total }: Pick<Payment, 'taxes' | 'total'>, part: bigint): StoredTax[] =>
  taxes.map((tax) => ({ ...tax, amount: ((BigInt(tax.amount) * part) / total).toString() }));

type Back = Pick<Refund | Dispute, 'id' | 'taken'>;

/** A document about money that went back, or that came again after it had gone back. */
export const documentFor = (
  payment: Payment,
  { id, taken }: Back,
  what: InvoiceLine['what'],
  original: bigint | undefined,
): InvoiceDraft => {
  const taxes = shareOfTaxes(payment, taken);
  const net = taken - sum(taxes);
  return {
    kind: what === 'refund' || what === 'dispute' ? 'credit_note' : 'invoice',
    ...{ sourceId: id, paymentId: payment.id, currency: payment.currency, net, total: taken, taxes },
    lines: [{ what, detail: original?.toString() ?? null, amount: net.toString() }],
  };
};
