import type { Comparison } from '../ledger/reconcile.ts';
import type { ReconcileSource } from '../ledger/reconcile.store.ts';

interface Counted {
  readonly paid: string;
  readonly booked: string;
  readonly off: string;
  readonly taken: string;
  readonly back: string;
  readonly backOff: string;
  readonly pending: string;
  readonly unasked: string;
  readonly underWay: string;
}

/**
 * Money that came in and went back by the rows of payments, refunds and disputes, against what the books say moved on
 * the account `paid`: in sums, and row by row, so that two mistakes do not hide each other.
 */
export const reconcilePayments: ReconcileSource = async (db, { workspaceId }) => {
  const [row]: [Counted] = await db.query(
    `with moved as (
       select e.kind, e.reference, sum(p.amount) as amount
       from entries e join postings p on p.workspace_id = e.workspace_id and p.entry_id = e.id
       join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
       where e.workspace_id = $1 and a.kind = 'paid' group by e.kind, e.reference
     ), came as (
       select id::text as reference, total * rate as amount from payments where workspace_id = $1 and status = 'paid'
     ), came_in_books as (
       select reference, -amount as amount from moved where kind in ('topup', 'subscription')
     ), went as (
       select r.id::text as reference, case when r.status = 'failed' then 0 else r.taken * p.rate end as amount
       from refunds r join payments p on p.workspace_id = r.workspace_id and p.id = r.payment_id where r.workspace_id = $1
       union all
       select d.id::text, case when d.status = 'won' then 0 else d.taken * p.rate end
       from disputes d join payments p on p.workspace_id = d.workspace_id and p.id = d.payment_id where d.workspace_id = $1
     ), went_in_books as (
       select reference, sum(amount) as amount from moved
       where kind in ('refund', 'dispute', 'refund_reversal', 'dispute_reversal') group by reference
     )
     select
       (select coalesce(sum(amount), 0) from came) as paid,
       (select coalesce(sum(amount), 0) from came_in_books) as booked,
       (select count(*) from came full join came_in_books b using (reference)
          where came.amount is distinct from b.amount) as off,
       (select coalesce(sum(amount), 0) from went) as taken,
       (select coalesce(sum(amount), 0) from went_in_books) as back,
       (select count(*) from went full join went_in_books b using (reference)
          where coalesce(went.amount, 0) <> coalesce(b.amount, 0)) as "backOff",
       (select count(*) from auto_top_ups where workspace_id = $1 and status = 'pending') as pending,
       (select count(*) from auto_top_ups t where t.workspace_id = $1 and t.status = 'pending' and not exists
          (select from payments p where p.workspace_id = $1 and p.id = t.id)) as unasked,
       (select count(*) from payments where workspace_id = $1 and automatic and status in ('pending', 'processing'))
         as "underWay"`,
    [workspaceId],
  );
  const compared = (name: string, expected: string, actual: string): Comparison => ({
    name,
    expected: BigInt(expected),
    actual: BigInt(actual),
  });
  return [
    compared('payments_equal_entries', row.paid, row.booked),
    compared('payments_off_their_entry', '0', row.off),
    compared('taken_back_equals_entries', row.taken, row.back),
    compared('refunds_and_disputes_off_their_entries', '0', row.backOff),
    {
      ...compared('automatic_top_ups_have_payments', row.pending, row.underWay),
      explained: -BigInt(row.unasked),
      reason: 'Top-ups that were asked for a moment ago have no payment yet.',
    },
  ];
};
