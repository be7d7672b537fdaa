import { booksCursor, writeGathered } from './ledger.types.sql.ts';

/**
 * The one way into the books: decides a batch of commands in order, each by the books as the ones before it left them,
 * and writes all of it at once. A refused command changes nothing and takes nobody with it. The same rules as
 * `applyEntry` and `planCapture`.
 *
 * An order with `watch` is refused as `watched` where budgets, top-ups, credit that is due or a low balance are to be
 * seen to in the same transaction. All of that changes only under the lock of the head.
 * The heads of the workspaces are locked first, in the order of their ids, and whoever writes to the books holds the
 * head; so what is read after it stays true until the commit.
 * @see ledger.commands.ts for what goes in and comes out
 */
export const ledgerApply = `
create function ledger_apply(workspaces text, at timestamptz, currency text, commands jsonb)
returns setof ledger_outcome language plpgsql security definer set search_path from current
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set enable_material = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  c record; s record; ws uuid; head_seq bigint; head_hash bytea; lines text; balances bigint[]; after bigint[];
  -- What each workspace has, in the order of the commands; opened when the heads are locked.
${booksCursor}
  accs text[]; amts bigint[]; pos integer; verdict text; facts jsonb; body text;
  remaining bigint; from_held bigint; from_wallet bigint; freed bigint; captured bigint; uncovered bigint; state text;
  entry_kind text; entry_reference text; entry_text text; entry_id uuid; part integer;
  moves ledger_new_posting[]; entries_new ledger_new_entry[]; postings_new ledger_new_posting[];
  links ledger_new_link[]; holds_new ledger_new_hold[]; holds_changed ledger_changed_hold[];
  answers ledger_new_answer[]; events ledger_new_event[];
begin
  perform set_config('app.workspaces', ledger_apply.workspaces, true);
  perform from ledger_heads h where h.workspace_id = any (string_to_array(ledger_apply.workspaces, ',')::uuid[])
    order by h.workspace_id for update;
  open books;
  for c in
    select x.*, x.key is null or pg_try_advisory_xact_lock(hashtextextended(x.w || ':' || x.u || ':' || x.key, 0)) as free,
      k.key as seen_key, k.operation as seen_operation, k.fingerprint as seen_fingerprint,
      k.status as seen_status, k.body as seen_body, e.id as booked_id, e.seq as booked_seq,
      h.id as h_id, h.reference as h_reference, h.provider as h_provider, h.model as h_model, h.amount as h_amount,
      h.max_input_tokens as h_input, h.max_output_tokens as h_output, h.currency as h_currency, h.status as h_status,
      h.expires_at as h_expires, h.captured as h_captured, h.remaining as h_remaining, h.captures as h_captures
    from jsonb_to_recordset(commands) as x (ord integer, verb text, w uuid, u uuid, key text, operation text,
      fingerprint text, answer integer, id uuid, id2 uuid, kind text, reference text, description text, accs text[],
      amts bigint[], hold uuid, provider text, model text, input bigint, output bigint, amount bigint,
      expires timestamptz, watch bigint, agent uuid, person uuid, api_key uuid, tags jsonb, keep boolean, "limit" boolean, event jsonb)
    left join idempotency_keys k on k.workspace_id = x.w and k.user_id = x.u and k.key = x.key
    left join entries e on e.workspace_id = x.w and e.kind = x.kind and e.reference = x.reference
      and x.verb in ('charge', 'entry')
    left join lateral (
      select * from holds one where x.verb = 'hold' and one.workspace_id = x.w and one.reference = x.reference
      union all
      -- Compared so, the workspace is no way in: an index that leads with it would be read to its end while tables grow.
      select * from holds one where x.verb in ('capture', 'release', 'expire') and one.id = x.hold
        and one.workspace_id is not distinct from x.w
    ) h on true
    order by x.w, x.ord
  loop
    if ws is distinct from c.w then
      if lines <> '' then
        links := links
          || row(ws, s.seq + 1, head_seq, s.hash, sha256(s.hash || convert_to(lines, 'UTF8')))::ledger_new_link;
      end if;
      fetch books into s;
      ws := c.w; lines := ''; head_seq := s.seq; balances := s.balances;
    end if;
    verdict := null; facts := null; body := null; accs := null; amts := null; state := null;
    entry_kind := c.kind; entry_reference := c.reference; entry_text := c.description; entry_id := c.id;
    if not c.free then verdict := 'in_progress';
    elsif c.seen_key is not null then
      if c.seen_operation <> c.operation or c.seen_fingerprint <> c.fingerprint then verdict := 'mismatch';
      else
        return next row(c.ord, 'replay', c.seen_status, c.seen_body, null)::ledger_outcome;
        continue;
      end if;
    elsif s.kinds is null then verdict := 'unopened';
    elsif c.watch is not null and (s.watched or coalesce(s.low, c.watch) > balances[s.wallet]
        + balances[s.held] - case when c.verb in ('capture', 'charge') then c.amount else 0 end)
      then verdict := 'watched';
    elsif c.verb = 'hold' then
      if c.h_id is null then
        accs := array['held', 'wallet']; amts := array[c.amount, -c.amount];
      elsif (c.h_provider, c.h_model, c.h_input, c.h_output) = (c.provider, c.model, c.input, c.output) then
        body := hold_text(c.h_id, c.h_reference, c.h_amount, c.h_currency, c.h_status, c.h_expires, null, null);
      else verdict := 'reference_mismatch';
      end if;
    elsif c.verb in ('charge', 'entry') then
      if c.booked_id is null then accs := c.accs; amts := c.amts;
      elsif exists (
          select from postings p join accounts a on a.workspace_id = p.workspace_id and a.id = p.account_id
          where p.workspace_id = ws and p.entry_id = c.booked_id
          having array_agg(a.kind || ' ' || p.amount order by a.kind collate "C")
            is distinct from (select array_agg(u.k || ' ' || u.v order by u.k collate "C") from unnest(c.accs, c.amts) u (k, v))
        ) then verdict := 'reference_mismatch';
      else
        verdict := 'booked';
        body := '{"id":"' || c.booked_id || '","seq":' || c.booked_seq || ',"kind":"' || c.kind || '","reference":'
          || to_json(c.reference) || ',"amount":' || coalesce(c.amount, 0) || ',"currency":"' || ledger_apply.currency || '"}';
      end if;
    elsif c.h_id is null then verdict := 'not_found';
    elsif c.verb = 'capture' then
      if c.h_status in ('captured', 'released') then
        if c.amount = c.h_captured and not c.keep then
          body := hold_text(c.h_id, c.h_reference, c.h_amount, c.h_currency, c.h_status, c.h_expires, c.h_captured, 0);
        else verdict := 'settled'; facts := jsonb_build_object('status', c.h_status, 'captured', c.h_captured);
        end if;
      else
        from_held := least(c.amount, c.h_remaining);
        from_wallet := c.amount - from_held;
        if from_wallet > balances[s.wallet] and not c."limit" then
          verdict := 'insufficient';
          facts := jsonb_build_object('account', 'wallet', 'required', from_wallet, 'available', balances[s.wallet]);
        else
          from_wallet := least(from_wallet, balances[s.wallet]);
          remaining := c.h_remaining - from_held;
          freed := case when c.keep then 0 else remaining end;
          captured := c.h_captured + from_held + from_wallet;
          uncovered := c.amount - from_held - from_wallet;
          remaining := remaining - freed;
          state := case when remaining > 0 then 'open' when captured > 0 then 'captured' else 'released' end;
          entry_kind := 'capture';
          entry_reference := c.hold || case when c.h_captures = 0 then '' else '/' || c.h_captures + 1 end;
          entry_text := coalesce(c.description, 'Spent on ' || c.h_provider || '/' || c.h_model);
          if from_held + from_wallet > 0 then
            if from_held > 0 then accs := array['held']; amts := array[-from_held]; end if;
            accs := accs || 'spent'::text; amts := amts || (from_held + from_wallet);
            if from_wallet > 0 then accs := accs || 'wallet'::text; amts := amts || -from_wallet; end if;
          end if;
        end if;
      end if;
    else
      if c.h_status <> 'open' then
        body := hold_text(c.h_id, c.h_reference, c.h_amount, c.h_currency, c.h_status, c.h_expires, c.h_captured, 0);
      else
        freed := c.h_remaining; captured := c.h_captured; remaining := 0; uncovered := 0;
        state := case when captured > 0 then 'captured' when c.verb = 'expire' then 'expired' else 'released' end;
        entry_text := coalesce(c.description, 'Not needed');
      end if;
    end if;
    for turn in 1..2 loop
      -- The second turn gives back what is left of a hold, after what was captured of it.
      if turn = 2 then
        exit when verdict is not null or state is null or freed = 0;
        accs := array['held', 'wallet']; amts := array[-freed, freed];
        entry_kind := 'release'; entry_reference := c.hold::text; entry_id := coalesce(c.id2, c.id);
        if c.verb = 'capture' then entry_text := 'Not needed'; end if;
      end if;
      continue when verdict is not null or accs is null;
      after := balances; moves := null;
      for part in 1..cardinality(accs) loop
        pos := array_position(s.kinds, accs[part]);
        if pos is null then
          verdict := 'account_missing'; facts := jsonb_build_object('account', accs[part]);
        elsif part > 1 and accs[part] collate "C" <= accs[part - 1] collate "C" then
          raise exception 'the accounts of entry % are not in byte order, or one comes twice', entry_id;
        else
          after[pos] := after[pos] + amts[part];
          if (s.sides[pos] = 'store' and after[pos] < 0) or (s.sides[pos] = 'source' and after[pos] > 0) then
            verdict := 'insufficient'; facts := jsonb_build_object('account', accs[part],
              'required', abs(amts[part]), 'available', abs(balances[pos]));
          elsif abs(after[pos]) > 9007199254740991 then
            verdict := 'too_large'; facts := jsonb_build_object('account', accs[part]);
          end if;
          moves := moves || row(ws, entry_id, s.ids[pos], amts[part])::ledger_new_posting;
        end if;
        exit when verdict is not null;
      end loop;
      continue when verdict is not null;
      balances := after;
      head_seq := head_seq + 1;
      entries_new := entries_new || row(ws, entry_id, head_seq, entry_kind, entry_reference, entry_text)::ledger_new_entry;
      postings_new := postings_new || moves;
      lines := lines || entry_line(head_seq, entry_id, entry_kind, entry_reference, entry_text, at,
        ledger_apply.currency, array_to_string(accs, ','), array_to_string(amts, ','));
      accs := null;
    end loop;
    if verdict is null and body is null then
      if c.verb = 'hold' then
        holds_new := holds_new || row(ws, c.hold, c.reference, c.provider, c.model, c.input, c.output, c.amount,
          c.expires, c.agent, c.person, c.api_key, c.tags)::ledger_new_hold;
        body := hold_text(c.hold, c.reference, c.amount, ledger_apply.currency, 'open', c.expires, null, null);
      elsif state is not null then
        holds_changed := holds_changed || row(ws, c.hold, state, captured, remaining,
          c.h_captures + case when c.verb = 'capture' and captured > c.h_captured then 1 else 0 end)::ledger_changed_hold;
        body := hold_text(c.h_id, c.h_reference, c.h_amount, c.h_currency, state, c.h_expires, captured, remaining);
        facts := jsonb_build_object('captured', captured - c.h_captured, 'released', freed, 'uncovered', uncovered);
        if state in ('captured', 'released') and c.event is not null then
          facts := facts || jsonb_build_object('data', jsonb_build_object('holdId', c.hold, 'reference', c.h_reference,
            'captured', captured, 'currency', c.h_currency, 'released',
            case when c.h_status = 'expired' then c.h_amount else greatest(c.h_amount - captured, 0) end));
          events := events || row(ws, c.hold::text, c.event->'envelope'->>'type',
            array(select jsonb_array_elements_text(c.event->'subscribers')),
            c.event->'envelope' || jsonb_build_object('data', facts->'data'))::ledger_new_event;
        end if;
      else
        body := '{"id":"' || entry_id || '","seq":' || head_seq || ',"kind":"' || c.kind || '","reference":'
          || to_json(c.reference) || ',"amount":' || coalesce(c.amount, 0) || ',"currency":"' || ledger_apply.currency || '"}';
      end if;
    end if;
    if c.key is not null and c.seen_key is null and body is not null then
      answers := answers || row(ws, c.u, c.key, c.operation, c.fingerprint, c.answer, body)::ledger_new_answer;
    end if;
    return next row(c.ord, coalesce(verdict, 'done'), c.answer, body, facts)::ledger_outcome;
  end loop;
  close books;
  if lines <> '' then
    links := links
      || row(ws, s.seq + 1, head_seq, s.hash, sha256(s.hash || convert_to(lines, 'UTF8')))::ledger_new_link;
  end if;
${writeGathered}
end $$`;
