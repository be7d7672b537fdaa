import { IdParams, pageOf, route, toPage, type Route, type Transactional } from '@atrium/service-kit';
import { writeJournal } from './ledger.csv.ts';
import type { LedgerReading } from './ledger.reading.ts';
import {
  AccountsView,
  BalanceView,
  filterOf,
  presentAccounts,
  presentBalance,
  presentReconciliation,
  presentTransaction,
  presentTrialBalance,
  ReconciliationView,
  TransactionQuery,
  TransactionView,
  TrialBalanceView,
} from './ledger.schema.ts';
import type { ReconcileService } from './reconcile.service.ts';

export const ledgerRoutes = (
  ledger: Transactional<LedgerReading>,
  reconciliation: Transactional<ReconcileService>,
): Route[] => [
  route({
    method: 'get',
    path: '/billing/accounts',
    id: 'listAccounts',
    summary: 'List the accounts of the books with their balances',
    permission: 'billing:read',
    response: AccountsView,
    handler: async ({ tenant }) => presentAccounts(await ledger.read(tenant, (service) => service.accounts())),
  }),
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
    summary: 'List what moved money, newest first; all of it as CSV when text/csv is asked for',
    permission: 'billing:read',
    query: TransactionQuery,
    response: pageOf(TransactionView),
    handler: async ({ tenant, query, req, res, signal }) => {
      const filter = filterOf(query);
      if (req.accepts(['application/json', 'text/csv']) === 'text/csv') {
        res.type('text/csv').attachment('transactions.csv');
        await writeJournal(
          res,
          (limit, before) => ledger.read(tenant, (service) => service.transactionsBefore(filter, limit, before)),
          signal,
        );
        return toPage([], 1, () => ({ at: '', id: '' }), presentTransaction);
      }
      const entries = await ledger.read(tenant, (service) => service.transactions(filter, query.limit, query.cursor));
      return toPage(entries, query.limit, ({ seq, id }) => ({ at: seq.toString(), id }), presentTransaction);
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
  route({
    method: 'get',
    path: '/billing/reconcile',
    id: 'reconcileBooks',
    summary: 'Compare the books with holds and usage, and walk the chain of hashes',
    permission: 'billing:read',
    response: ReconciliationView,
    handler: async ({ tenant }) =>
      presentReconciliation(await reconciliation.read(tenant, (service) => service.reconcile())),
  }),
];
