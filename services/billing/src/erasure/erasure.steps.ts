import { auditSteps, erases, holdsNobody, releases, retains, type ErasureStep } from '@atrium/service-kit';

const BOOKS =
  'Booked money is never changed or deleted. The rows hold amounts and ids of things that are gone, and nothing about a person.';

/** Rows that stay when a workspace goes, and no longer say of whom they are or what people wrote on them. */
const unnamed = (table: string): ErasureStep => ({
  ...releases(table, `user_id = null, tags = '{}'`, {}),
  ofWorkspace: `workspace_id = :workspace and (user_id is not null or tags <> '{}')`,
});

/** What an erasure does with each table: the books stay, and name nobody. */
export const erasureSteps: readonly ErasureStep[] = [
  ...['usage_records', 'holds'].flatMap((table) => [
    unnamed(table),
    releases(table, 'user_id = null', { kind: `${table}_of_person`, ofUser: 'user_id = :user' }),
  ]),
  releases('workspace_prices', 'imported_by = null', { ofUser: 'imported_by = :user' }),
  erases('budget_reservations'),
  erases('budget_periods'),
  erases('budgets', { ofUser: `scope = 'user' and subject = :user` }),
  erases('workspace_prices'),
  erases('subscriptions'),
  erases('top_up_rules'),
  erases('auto_top_ups'),
  erases('spending_settings'),
  retains('credits', BOOKS),
  retains('postings', BOOKS, { kind: 'ledger_postings' }),
  retains('entries', BOOKS, { kind: 'ledger_entries' }),
  retains('accounts', BOOKS, { kind: 'ledger_accounts' }),
  retains('usage_records', BOOKS),
  retains('holds', BOOKS),
  retains('ledger_batches', BOOKS),
  retains('ledger_heads', BOOKS),
  holdsNobody('prices'),
  ...auditSteps,
];
