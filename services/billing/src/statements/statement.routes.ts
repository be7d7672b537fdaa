import { PageQuery, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import { sendFile } from '../paper/answer.ts';
import { writeCsv } from '../paper/csv.ts';
import { toPdf } from '../paper/paper.pdf.ts';
import type { ProfileService } from '../profile/profile.service.ts';
import type { Party } from '../profile/profile.ts';
import { statementColumns, statementPaper, statementRows } from './statement.paper.ts';
import { StatementView } from './statement.schema.ts';
import type { StatementService } from './statement.service.ts';

const MonthParams = z.strictObject({ month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/) });

/** A statement has no id; a page ends at a month. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

export const statementRoutes = (
  statements: Transactional<StatementService>,
  profile: Transactional<ProfileService>,
  seller: Party,
): Route[] => [
  route({
    method: 'get',
    path: '/billing/statements',
    id: 'listStatements',
    summary: 'List the monthly statements, newest first',
    permission: 'billing:read',
    query: PageQuery,
    response: pageOf(StatementView),
    handler: async ({ tenant, query: { limit, cursor } }) => {
      const rows = await statements.read(tenant, (service) => service.list(limit, cursor));
      return toPage(
        rows,
        limit,
        ({ month }) => ({ at: month, id: NO_ID }),
        (view) => view,
      );
    },
  }),
  route({
    method: 'get',
    path: '/billing/statements/:month',
    id: 'readStatement',
    summary: 'Read the statement of a month that is over',
    permission: 'billing:read',
    params: MonthParams,
    response: StatementView,
    errors: [404],
    handler: ({ tenant, params }) => statements.read(tenant, (service) => service.find(params.month)),
  }),
  route({
    method: 'get',
    path: '/billing/statements/:month/csv',
    id: 'downloadStatementCsv',
    summary: 'Download it as CSV',
    permission: 'billing:read',
    params: MonthParams,
    produces: 'text/csv',
    errors: [404],
    handler: async ({ tenant, params, res }) => {
      const view = await statements.read(tenant, (service) => service.find(params.month));
      sendFile(res, 'text/csv', `statement-${view.month}.csv`, writeCsv(statementColumns, statementRows(view)));
    },
  }),
  route({
    method: 'get',
    path: '/billing/statements/:month/pdf',
    id: 'downloadStatementPdf',
    summary: 'Download it as PDF, in the language of the workspace',
    permission: 'billing:read',
    params: MonthParams,
    produces: 'application/pdf',
    errors: [404],
    handler: async ({ tenant, params, res }) => {
      const view = await statements.read(tenant, (service) => service.find(params.month));
      const { buyer } = await profile.read(tenant, (service) => service.read());
      sendFile(res, 'application/pdf', `statement-${view.month}.pdf`, await toPdf(statementPaper(view, seller, buyer)));
    },
  }),
];
