/** What comes before the first link of a chain. */
export const FIRST_HASH = `'\\x${'00'.repeat(32)}'::bytea`;

/**
 * The bytes of an entry that are hashed, as SQL over the parameters of the function `entry_line`. JSON keeps fields
 * apart whatever is in them; times are written in one zone with all their digits; accounts come in byte order.
 */
export const entryLine = `
  select jsonb_build_array(seq, id, kind, reference, description,
    to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), currency, accounts, amounts)::text || chr(10)`;

/** The first place where a workspace's chain does not hold: entries or links that changed, are missing or were added. */
export interface ChainBreak {
  readonly workspaceId: string;
  readonly seq: number;
  readonly problem: 'changed' | 'unlinked' | 'missing' | 'unchained' | 'cut_off';
}

/**
 * Walks chains in one query; every hash is computed anew from what is stored and compared.
 * @param schema prefix of the tables such as `billing.`; empty in a session of the service
 * @param where which rows, over `workspace_id`
 */
export const walkChains = (schema: string, where: string): string => `
  with lines as (
    select e.workspace_id, e.seq, ${schema}entry_line(e.seq, e.id, e.kind, e.reference, e.description, e.created_at,
      p.currency, p.accounts, p.amounts) as line
    from (select * from ${schema}entries ${where}) e
    left join (
      select p.workspace_id, p.entry_id, min(a.currency) as currency,
        string_agg(a.kind, ',' order by a.kind collate "C") as accounts,
        string_agg(p.amount::text, ',' order by a.kind collate "C") as amounts
      from (select * from ${schema}postings ${where}) p
      join ${schema}accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
      group by 1, 2
    ) p on p.workspace_id = e.workspace_id and p.entry_id = e.id
  ), links as (
    select b.*, lag(b.hash, 1, ${FIRST_HASH}) over w as hash_before, lag(b.to_seq, 1, 0::bigint) over w as seq_before
    from (select * from ${schema}ledger_batches ${where}) b window w as (partition by workspace_id order by to_seq)
  ), hashed as (
    select l.workspace_id, l.to_seq, sha256(l.previous_hash || convert_to(string_agg(x.line, '' order by x.seq), 'UTF8')) as hash,
      count(x.seq) as entries
    from links l left join lines x on x.workspace_id = l.workspace_id and x.seq between l.from_seq and l.to_seq
    group by l.workspace_id, l.to_seq, l.previous_hash
  ), broken as (
    select l.workspace_id, l.from_seq as seq, case
        when l.from_seq <> l.seq_before + 1 or h.entries <> l.to_seq - l.from_seq + 1 then 'missing'
        when l.hash is distinct from h.hash then 'changed'
        when l.previous_hash <> l.hash_before then 'unlinked'
      end as problem
    from links l join hashed h on h.workspace_id = l.workspace_id and h.to_seq = l.to_seq
    union all
    select x.workspace_id, x.seq, 'unchained' from lines x
    where x.seq > coalesce((select max(l.to_seq) from links l where l.workspace_id = x.workspace_id), 0)
    union all
    select h.workspace_id, h.seq, 'cut_off' from (select * from ${schema}ledger_heads ${where}) h
    left join (select distinct on (workspace_id) * from links order by workspace_id, to_seq desc) l
      on l.workspace_id = h.workspace_id
    where h.seq <> coalesce(l.to_seq, 0) or h.hash <> coalesce(l.hash, ${FIRST_HASH})
  )
  select distinct on (workspace_id) workspace_id as "workspaceId", seq::int as seq, problem
  from broken where problem is not null order by workspace_id, seq`;
