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
