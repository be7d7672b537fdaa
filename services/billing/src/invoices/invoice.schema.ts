import { z } from 'zod';
import { toWire } from '../ledger/money.ts';
import { languages, Party } from '../profile/profile.ts';
import { invoiceKinds, type Invoice } from './invoice.entity.ts';
import { labelOf } from './invoice.paper.ts';

export const InvoiceView = z
  .object({
    id: z.uuid(),
    kind: z.enum(invoiceKinds),
    /** From 1 without gaps in the workspace, over invoices and credit notes. */
    number: z.int().positive(),
    label: z.string(),
    paymentId: z.uuid(),
    currency: z.string(),
    netCents: z.int(),
    taxes: z.array(z.object({ name: z.string(), rate: z.int(), inclusive: z.boolean(), amountCents: z.int() })),
    totalCents: z.int(),
    lines: z.array(z.object({ what: z.string(), detail: z.string().nullable(), amountCents: z.int() })),
    seller: z.object(Party.shape),
    buyer: z.object(Party.shape),
    language: z.enum(languages),
    issuedAt: z.iso.datetime(),
  })
  .meta({ id: 'Invoice' });

export const presentInvoice = (invoice: Invoice): z.input<typeof InvoiceView> => ({
  ...invoice,
  number: toWire(invoice.number),
  label: labelOf(invoice),
  netCents: toWire(invoice.net),
  taxes: invoice.taxes.map(({ amount, ...tax }) => ({ ...tax, amountCents: Number(amount) })),
  totalCents: toWire(invoice.total),
  lines: invoice.lines.map(({ amount, ...line }) => ({ ...line, amountCents: Number(amount) })),
  issuedAt: invoice.issuedAt.toISOString(),
});
