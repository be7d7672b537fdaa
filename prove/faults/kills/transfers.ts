import { randomUUID } from 'node:crypto';
import type { Random } from '../../harness/random.ts';
import { send, type Answer } from '../../platform/http.ts';
import type { Person } from '../../platform/people.ts';
import type { Reach } from '../../platform/platform.ts';
import { delegated } from '../idempotency/keyed.calls.ts';
import type { Settle } from './settle.ts';

const HOLD = { provider: 'openai', model: 'gpt-4o', maxInputTokens: 100, maxOutputTokens: 100 };
const MOST = 50;

interface Transfer {
  readonly kind: 'charge' | 'capture' | 'release';
  readonly reference: string;
  readonly workspaceId: string;
  readonly amount: number;
}

/** Moves money as services do: charges, and holds that are captured or released, each call under a key of its own. */
export const createTransfers = (platform: Reach, people: readonly Person[], random: Random, settle: Settle) => {
  const tokens = new Map(people.map((person) => [person, delegated(person, 'agent-orchestrator', platform)]));
  const done: Transfer[] = [];
  const faults: string[] = [];
  const post = (person: Person, path: string, body?: unknown): Promise<Answer | undefined> =>
    settle(`${path.split('/').at(-1)}`, (key) =>
      send(`${platform.urls['billing']}/internal${path}`, {
        ...{ method: 'POST', token: tokens.get(person), headers: { 'idempotency-key': key } },
        ...(body === undefined ? {} : { body }),
      }),
    );
  const carryOut = async ({ kind, reference, amount }: Transfer, person: Person): Promise<Answer | undefined> => {
    if (kind === 'charge') return post(person, '/charges', { reference, amount, description: 'fault' });
    const held = await post(person, '/holds', { ...HOLD, reference });
    if (held?.status !== 201) return held;
    const hold = `/holds/${String(held.json['id'])}`;
    return kind === 'capture' ? post(person, `${hold}/capture`, { amount }) : post(person, `${hold}/release`);
  };

  return {
    async one(): Promise<void> {
      const person = random.pick(people);
      const kind = random.pick(['charge', 'charge', 'capture', 'release'] as const);
      const { workspaceId } = person;
      const transfer: Transfer = { kind, reference: randomUUID(), workspaceId, amount: 1 + random.int(MOST) };
      const answer = await carryOut(transfer, person);
      if (!answer) faults.push(`${kind}: nobody said what became of it`);
      else if (answer.status >= 300) faults.push(`${kind} is refused: ${answer.status} ${answer.text.slice(0, 120)}`);
      else done.push(transfer);
    },
    /** Compares what clients were told with the books. @returns what is wrong */
    async judge(): Promise<string[]> {
      const found = await platform.database.query<{ reference: string; kind: string; count: number; amount: number }>(
        `select reference, 'charge' as kind, count(*)::int as count,
           sum((select sum(p.amount) from billing.postings p join billing.accounts a on a.id = p.account_id
             where p.entry_id = e.id and a.kind = 'spent'))::int as amount
         from billing.entries e where kind = 'charge' group by reference
         union all
         select h.reference, case status when 'captured' then 'capture' when 'released' then 'release' else status end,
           count(*)::int, sum(captured)::int from billing.holds h group by 1, 2`,
      );
      const rows = Map.groupBy(found, ({ reference }) => reference);
      for (const { reference, kind, amount } of done) {
        const [row, ...others] = rows.get(reference) ?? [];
        const told = `${kind} of ${kind === 'release' ? 0 : amount}`;
        if (!row) faults.push(`${told}: answered, and lost`);
        else if (
          others.length > 0 ||
          row.count !== 1 ||
          row.kind !== kind ||
          row.amount !== (kind === 'release' ? 0 : amount)
        )
          faults.push(`${told}: the books have ${JSON.stringify([row, ...others])}`);
      }
      for (const { workspaceId } of people) {
        const own = done.filter((transfer) => transfer.workspaceId === workspaceId && transfer.kind !== 'release');
        const wanted = own.reduce((sum, { amount }) => sum + amount, 0);
        const [spent] = await platform.database.query<{ balance: number }>(
          `select coalesce(sum(balance), 0)::float8 as balance from billing.accounts where workspace_id = $1 and kind = 'spent'`,
          [workspaceId],
        );
        if (spent?.balance !== wanted) faults.push(`${spent?.balance} was spent where ${wanted} was ordered`);
      }
      return faults;
    },
  };
};
