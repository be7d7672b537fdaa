import { IdParams, PageQuery, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { sendFile } from '../paper/answer.ts';
import { writeCsv } from '../paper/csv.ts';
import { toPdf } from '../paper/paper.pdf.ts';
import { invoiceColumns, invoicePaper, invoiceRows, labelOf } from './invoice.paper.ts';
import { InvoiceView, presentInvoice } from './invoice.schema.ts';
import type { InvoiceService } from './invoice.service.ts';

export const invoiceRoutes = (invoices: Transactional<InvoiceService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/invoices',
    id: 'listInvoices',
    summary: 'List invoices and credit notes, newest first',
    permission: 'billing:read',
    query: PageQuery,
    response: pageOf(InvoiceView),
    handler: async ({ tenant, query: { limit, cursor } }) => {
      const rows = await invoices.read(tenant, (service) => service.list(limit, cursor));
      return toPage(rows, limit, ({ number, id }) => ({ at: number.toString(), id }), presentInvoice);
    },
  }),
  route({
    method: 'get',
    path: '/billing/invoices/:id',
    id: 'readInvoice',
    summary: 'Read an invoice or credit note',
    permission: 'billing:read',
    params: IdParams,
    response: InvoiceView,
    errors: [404],
    handler: async ({ tenant, params }) =>
      presentInvoice(await invoices.read(tenant, (service) => service.find(params.id))),
  }),
  route({
    method: 'get',
    path: '/billing/invoices/:id/pdf',
    id: 'downloadInvoicePdf',
    summary: 'Download it as PDF, in the language of the buyer',
    permission: 'billing:read',
    params: IdParams,
    produces: 'application/pdf',
    errors: [404],
    handler: async ({ tenant, params, res }) => {
      const invoice = await invoices.read(tenant, (service) => service.find(params.id));
      const pdf = await toPdf(invoicePaper(invoice));
      sendFile(res, 'application/pdf', `${invoice.kind}-${labelOf(invoice)}.pdf`, pdf);
    },
  }),
  route({
    method: 'get',
    path: '/billing/invoices/:id/csv',
    id: 'downloadInvoiceCsv',
    summary: 'Download it as CSV',
    permission: 'billing:read',
    params: IdParams,
    produces: 'text/csv',
    errors: [404],
    handler: async ({ tenant, params, res }) => {
      const invoice = await invoices.read(tenant, (service) => service.find(params.id));
      sendFile(
        res,
        'text/csv',
        `${invoice.kind}-${labelOf(invoice)}.csv`,
        writeCsv(invoiceColumns, invoiceRows(invoice)),
      );
    },
  }),
];
