import type { Language } from '../profile/profile.ts';
import type { InvoiceKind, InvoiceLine } from './invoice.entity.ts';

interface Words {
  readonly title: Record<InvoiceKind, string>;
  readonly line: Record<InvoiceLine['what'], string>;
  readonly number: string;
  readonly date: string;
  readonly seller: string;
  readonly buyer: string;
  readonly taxId: string;
  readonly description: string;
  readonly amount: string;
  readonly net: string;
  readonly included: string;
  readonly total: string;
  readonly paid: string;
}

/** What stands on an invoice, in the language of its buyer. */
export const invoiceWords: Record<Language, Words> = {
  en: {
    title: { invoice: 'Invoice', credit_note: 'Credit note' },
    line: {
      topup: 'Credit top-up',
      subscription: 'Plan',
      refund: 'Refund of invoice',
      refund_failed: 'Refund that failed, invoice',
      dispute: 'Disputed payment of invoice',
      dispute_won: 'Dispute that was won, invoice',
    },
    number: 'Number',
    date: 'Date',
    seller: 'From',
    buyer: 'To',
    taxId: 'Tax id',
    description: 'Description',
    amount: 'Amount',
    net: 'Net',
    included: 'included',
    total: 'Total',
    paid: 'Paid in full.',
  },
  pt: {
    title: { invoice: 'Fatura', credit_note: 'Nota de crédito' },
    line: {
      topup: 'Recarga de créditos',
      subscription: 'Plano',
      refund: 'Reembolso da fatura',
      refund_failed: 'Reembolso não efetuado, fatura',
      dispute: 'Pagamento contestado da fatura',
      dispute_won: 'Contestação ganha, fatura',
    },
    number: 'Número',
    date: 'Data',
    seller: 'De',
    buyer: 'Para',
    taxId: 'Identificação fiscal',
    description: 'Descrição',
    amount: 'Valor',
    net: 'Valor líquido',
    included: 'incluído',
    total: 'Total',
    paid: 'Pago na íntegra.',
  },
  es: {
    title: { invoice: 'Factura', credit_note: 'Nota de crédito' },
    line: {
      topup: 'Recarga de crédito',
      subscription: 'Plan',
      refund: 'Reembolso de la factura',
      refund_failed: 'Reembolso fallido, factura',
      dispute: 'Pago disputado de la factura',
      dispute_won: 'Disputa ganada, factura',
    },
    number: 'Número',
    date: 'Fecha',
    seller: 'De',
    buyer: 'Para',
    taxId: 'Identificación fiscal',
    description: 'Descripción',
    amount: 'Importe',
    net: 'Neto',
    included: 'incluido',
    total: 'Total',
    paid: 'Pagado en su totalidad.',
  },
};
