/** Accounts of the bare function; the first is the hot one. */
const BARE_ACCOUNTS = 1_000;
export const BATCH = 100;

/**
 * Double entry and nothing else: an idempotency key, two balances with an overdraft check, two postings. No row-level
 * security, no answers, no chain.
 */
export const bareSchema = `
  create schema bare;
  create table bare.accounts (id integer primary key, balance bigint not null check (balance >= 0)) with (fillfactor = 50);
  create table bare.keys (key uuid primary key, created_at timestamptz not null default now());
  create table bare.postings (id bigint generated always as identity primary key, key uuid not null,
    account integer not null, amount bigint not null);
  create index on bare.postings (account);
  insert into bare.accounts select n, 1000000000000 from generate_series(1, ${BARE_ACCOUNTS}) n;

  create function bare.pay(given uuid, giver integer, taker integer, sum bigint) returns boolean language plpgsql as $$
  begin
    insert into bare.keys (key) values (given) on conflict do nothing;
    if not found then return true; end if;
    perform from bare.accounts where id in (giver, taker) order by id for update;
    update bare.accounts set balance = balance - sum where id = giver and balance >= sum;
    if not found then return false; end if;
    update bare.accounts set balance = balance + sum where id = taker;
    insert into bare.postings (key, account, amount) values (given, giver, -sum), (given, taker, sum);
    return true;
  end $$;

  create function bare.pay_many(count integer, taker integer) returns integer language plpgsql as $$
  begin
    with drawn as materialized (
      select gen_random_uuid() as key, 2 + floor(random() * ${BARE_ACCOUNTS - 1})::integer as giver, 1 as amount
      from generate_series(1, count)
    ), keyed as (
      insert into bare.keys (key) select key from drawn on conflict do nothing returning key
    ), moves as materialized (
      select d.key, side.account, side.amount from drawn d join keyed k on k.key = d.key,
        lateral (values (d.giver, -d.amount), (taker, d.amount)) side (account, amount)
    ), written as (
      insert into bare.postings (key, account, amount) select key, account, amount from moves
    ), locked as materialized (
      select id from bare.accounts where id in (select account from moves) order by id for update
    )
    update bare.accounts a set balance = a.balance + m.amount
    from (select account, sum(amount) as amount from moves group by 1) m join locked l on l.id = m.account
    where a.id = m.account;
    return count;
  end $$;`;

/** pgbench scripts. */
export const bareScripts = {
  spread: `\\set giver random(2, ${BARE_ACCOUNTS})
\\set taker random(2, ${BARE_ACCOUNTS})
select bare.pay(gen_random_uuid(), :giver, case when :taker = :giver then 1 else :taker end, 1);
`,
  hot: `\\set giver random(2, ${BARE_ACCOUNTS})
select bare.pay(gen_random_uuid(), :giver, 1, 1);
`,
  batched: `select bare.pay_many(${BATCH}, 1);
`,
} as const;
