import { IdParams, PageQuery, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import {
  BalanceView,
  presentBalance,
  presentTransaction,
  presentTrialBalance,
  TransactionView,
  TrialBalanceView,
} from './ledger.schema.ts';
import type { LedgerService } from './ledger.service.ts';

export const ledgerRoutes = (ledger: Transactional<LedgerService>): Route[] => [
  route({
    method: 'get',
    path: '/billing/balance',
    id: 'readBalance',
    summary: 'Read what can be spent and what is set aside',
    permission: 'billing:read',
    response: BalanceView,
    handler: async ({ tenant }) => presentBalance(await ledger.read(tenant, (service) => service.balance())),
  }),
  route({
    method: 'get',
    path: '/billing/transactions',
    id: 'listTransactions',
    summary: 'List what moved money, newest first',
    permission: 'billing:read',
    query: PageQuery,
    response: pageOf(TransactionView),
    handler: async ({ tenant, query: { limit, cursor } }) => {
      const entries = await ledger.read(tenant, (service) => service.transactions(limit, cursor));
      return toPage(entries, limit, ({ seq, id }) => ({ at: seq.toString(), id }), presentTransaction);
    },
  }),
  route({
    method: 'get',
    path: '/billing/transactions/:id',
    id: 'readTransaction',
    summary: 'Read one transaction with its postings',
    permission: 'billing:read',
    params: IdParams,
    response: TransactionView,
    errors: [404],
    handler: async ({ tenant, params }) =>
      presentTransaction(await ledger.read(tenant, (service) => service.transaction(params.id))),
  }),
  route({
    method: 'get',
    path: '/billing/trial-balance',
    id: 'readTrialBalance',
    summary: 'Prove the books: every account beside the sum of its postings',
    permission: 'billing:read',
    response: TrialBalanceView,
    handler: async ({ tenant }) => presentTrialBalance(await ledger.read(tenant, (service) => service.trialBalance())),
  }),
];
