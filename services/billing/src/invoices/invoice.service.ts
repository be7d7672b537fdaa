import { InvoiceIssued } from '@atrium/contracts';
import { decodeCursor, invalid, notFound, type Outbox } from '@atrium/service-kit';
import { toWire } from '../ledger/money.ts';
import type { ProfileService } from '../profile/profile.service.ts';
import type { Party } from '../profile/profile.ts';
import type { Invoice } from './invoice.entity.ts';
import type { InvoiceDraft } from './invoice.ts';
import type { InvoiceStore } from './invoice.store.ts';

const placeOf = (cursor: string | undefined): bigint | undefined => {
  const at = decodeCursor(cursor)?.at;
  if (at === undefined) return undefined;
  if (!/^\d{1,18}$/.test(at)) throw invalid('request.invalid_cursor', 'The cursor is not one that a list returned.');
  return BigInt(at);
};

/** Numbered documents about payments. They keep who was who when they were issued. */
export const createInvoiceService = (parts: {
  invoices: InvoiceStore;
  profile: Pick<ProfileService, 'read'>;
  outbox: Outbox;
  seller: Party;
  now: () => Date;
  newId: () => string;
}) => {
  const { invoices, profile, outbox, seller, now, newId } = parts;
  return {
    /** Gives a document its number, once for what it is about; in the transaction of the money it tells of. */
    async issue(draft: InvoiceDraft): Promise<void> {
      if (draft.total <= 0n || (await invoices.findBySource(draft.kind, draft.sourceId))) return;
      const { buyer } = await profile.read();
      const { language, ...party } = buyer;
      const invoice = {
        ...draft,
        id: newId(),
        number: await invoices.nextNumber(),
        ...{ seller, buyer: party, language, issuedAt: now() },
      };
      await invoices.add(invoice);
      await outbox.add(InvoiceIssued, invoice.id, {
        invoiceId: invoice.id,
        kind: invoice.kind,
        number: toWire(invoice.number),
        paymentId: invoice.paymentId,
        totalCents: toWire(invoice.total),
        currency: invoice.currency,
      });
    },

    /** The number of a payment's invoice, for documents that are about it. */
    numberOf: async (paymentId: string): Promise<bigint | undefined> =>
      (await invoices.findBySource('invoice', paymentId))?.number,

    list: (limit: number, cursor: string | undefined): Promise<Invoice[]> => invoices.list(limit + 1, placeOf(cursor)),

    find: async (id: string): Promise<Invoice> => (await invoices.find(id)) ?? notFound('invoice', id),
  };
};
export type InvoiceService = ReturnType<typeof createInvoiceService>;
