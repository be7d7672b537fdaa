import { auditSteps, holdsNobody, retains, type ErasureStep } from '@atrium/service-kit';

const BOOKS =
  'Booked money is never changed or deleted. The rows hold amounts and ids of things that are gone, and nothing about a person.';

/** What an erasure does with each table: the books stay, and name nobody. */
export const erasureSteps: readonly ErasureStep[] = [
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
