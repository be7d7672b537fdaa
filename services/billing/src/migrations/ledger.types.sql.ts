/** Rows that `ledger_apply` gathers and writes at once. */
export const ledgerTypes = [
  `create type ledger_outcome as (ord integer, outcome text, status integer, body text, facts jsonb)`,
  `create type ledger_new_entry as (workspace_id uuid, id uuid, seq bigint, kind text, reference text, description text)`,
  `create type ledger_new_posting as (workspace_id uuid, entry_id uuid, account_id uuid, amount bigint)`,
  `create type ledger_new_link as (workspace_id uuid, from_seq bigint, to_seq bigint, previous_hash bytea, hash bytea)`,
  `create type ledger_new_hold as (workspace_id uuid, id uuid, reference text, provider text, model text,
     max_input_tokens bigint, max_output_tokens bigint, amount bigint, expires_at timestamptz)`,
  `create type ledger_changed_hold as (workspace_id uuid, id uuid, status text, captured bigint, remaining bigint,
     captures integer)`,
  `create type ledger_new_answer as (workspace_id uuid, user_id uuid, key text, operation text, fingerprint text,
     status integer, body text)`,
  `create type ledger_new_event as (workspace_id uuid, key text, type text, subscribers text[], envelope jsonb)`,
];

/** A hold as it goes over the wire; the first answer of a key is kept as this text. */
export const holdText = `
  create function hold_text(id uuid, reference text, amount bigint, currency text, status text, expires_at timestamptz,
    captured bigint, remaining bigint) returns text language sql stable as $$
    select '{"id":"' || id || '","reference":' || to_json(reference) || ',"amount":' || amount
      || ',"currency":"' || currency || '","status":"' || status || '","expiresAt":"'
      || to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      || case when captured is null then '"}' else '","captured":' || captured || ',"remaining":' || remaining || '}' end
  $$`;

/** What each workspace of a batch has, and whether its spending is watched, in the order of their ids. */
export const booksCursor = `  books cursor for
    select b.seq, b.hash, b.kinds, b.ids, b.balances, b.sides, array_position(b.kinds, 'wallet') as wallet,
      array_position(b.kinds, 'held') as held, t.low_balance as low,
      coalesce(t.balance_state, 'fine') <> 'fine'
        or exists (select from budgets x where x.workspace_id = w.id)
        or exists (select from top_up_rules x where x.workspace_id = w.id and x.enabled)
        or exists (select from credits x where x.workspace_id = w.id and x.remaining > 0 and x.expires_at <= ledger_apply.at)
        as watched
    from unnest(string_to_array(ledger_apply.workspaces, ',')::uuid[]) w (id)
    left join lateral (
      select h.seq, h.hash, array_agg(a.kind) as kinds, array_agg(a.id) as ids, array_agg(a.balance) as balances,
        array_agg(a.side) as sides
      from ledger_heads h join accounts a on a.workspace_id = h.workspace_id and a.currency = ledger_apply.currency
      where h.workspace_id = w.id group by h.workspace_id
    ) b on true
    left join spending_settings t on t.workspace_id = w.id
    order by w.id;`;

/** The end of `ledger_apply`: writes what the commands of a batch came to, each table in one statement. */
export const writeGathered = `  if entries_new is not null or answers is not null then
    with booked as (
      insert into entries (workspace_id, id, seq, kind, reference, description, created_at)
      select n.workspace_id, n.id, n.seq, n.kind, n.reference, n.description, ledger_apply.at from unnest(entries_new) n
    ), moved as (
      insert into postings (workspace_id, entry_id, account_id, amount)
      select n.workspace_id, n.entry_id, n.account_id, n.amount from unnest(postings_new) n
    ), linked as (
      insert into ledger_batches (workspace_id, from_seq, to_seq, previous_hash, hash, created_at)
      select n.workspace_id, n.from_seq, n.to_seq, n.previous_hash, n.hash, ledger_apply.at from unnest(links) n
    ), headed as (
      update ledger_heads h set seq = n.to_seq, hash = n.hash from unnest(links) n where h.workspace_id = n.workspace_id
    ) insert into idempotency_keys (workspace_id, user_id, key, operation, fingerprint, status, body)
      select n.workspace_id, n.user_id, n.key, n.operation, n.fingerprint, n.status, n.body from unnest(answers) n;
  end if;
  if holds_new is not null then
    insert into holds (workspace_id, id, reference, provider, model, max_input_tokens, max_output_tokens, amount,
        remaining, currency, status, expires_at, created_at, agent_id, user_id, api_key_id, tags)
      select n.workspace_id, n.id, n.reference, n.provider, n.model, n.max_input_tokens, n.max_output_tokens, n.amount,
        n.amount, ledger_apply.currency, 'open', n.expires_at, ledger_apply.at, n.agent_id, n.user_id, n.api_key_id,
        coalesce(n.tags, '{}') from unnest(holds_new) n;
  end if;
  if holds_changed is not null then
    update holds h set status = n.status, captured = n.captured, remaining = n.remaining, captures = n.captures,
        settled_at = case when n.status <> 'open' then ledger_apply.at end
      from unnest(holds_changed) n where h.workspace_id = n.workspace_id and h.id = n.id;
  end if;
  if events is not null then
    insert into outbox (event_id, subscriber, key, type, workspace_id, envelope)
      select (n.envelope->>'id')::uuid, s, n.key, n.type, n.workspace_id, n.envelope
      from unnest(events) n, unnest(n.subscribers) s;
  end if;`;
