import { randomUUID } from 'node:crypto';
import { settled } from '../api/bodies.ts';
import type { Random } from '../harness/random.ts';
import { send, type Answer } from '../platform/http.ts';
import { canary, type Person } from '../platform/people.ts';
import type { Reach } from '../platform/platform.ts';
import { delegated } from './idempotency/keyed.calls.ts';
import type { KeyedRequest } from './keyed.client.ts';

/** A write, with a way to find what it left. */
export interface Write extends KeyedRequest {
  readonly kind: 'charge' | 'conversation' | 'event';
  /** What it is called in the database. */
  readonly mark: string;
}

/** Keyed writes of several services, whose traces can be counted. */
export interface Workload {
  /** A new one each time. */
  write(): Write;
  /** How many rows each mark left. */
  count(): Promise<Map<string, number>>;
  /** Books whose debits are not their credits, over all workspaces. */
  unbalanced(): Promise<number>;
}

/** What writing needs: somewhere to write, somebody who does, and random numbers. */
export interface Scene {
  readonly platform: Reach;
  readonly world: { newcomer(): Promise<Person> };
  readonly random: Random;
}

/** Counts entries whose debits are not their credits, and accounts that are not the sum of their postings. */
export const unbalanced = async ({ database }: Pick<Reach, 'database'>): Promise<number> => {
  const [row] = await database.query<{ wrong: number }>(
    `select (select count(*) from (select 1 from billing.postings group by entry_id having sum(amount) <> 0) x)::int
       + (select count(*) from billing.accounts a where balance <> (select coalesce(sum(amount), 0)
          from billing.postings p where p.account_id = a.id))::int as wrong`,
  );
  return row?.wrong ?? -1;
};

const PER_PERSON = 50;

/** @param people who share the work */
export const createWorkload = async (context: Scene, people: number): Promise<Workload> => {
  const { platform, world, random } = context;
  const persons: Person[] = [];
  for (let count = 0; count < people; count += 1) persons.push(await world.newcomer());
  await Promise.all(persons.map(settled));
  const spending = new Map(persons.map((person) => [person, delegated(person, 'agent-orchestrator', platform)]));
  const kinds = ['charge', 'conversation', 'event'] as const;
  const sender = (person: Person, kind: Write['kind'], mark: string): ((key: string) => Promise<Answer>) => {
    const at = new Date(Date.UTC(2032, 0, 1) + random.int(10_000) * 3_600_000);
    const amount = 1 + random.int(PER_PERSON);
    return (key) => {
      const headers = { 'idempotency-key': key };
      if (kind === 'charge')
        return send(`${platform.urls['billing']}/internal/charges`, {
          ...{ method: 'POST', headers, token: spending.get(person) },
          body: { reference: mark, amount, description: 'fault' },
        });
      const times = { startsAt: at.toISOString(), endsAt: new Date(at.getTime() + 60_000).toISOString() };
      return kind === 'conversation'
        ? person.call('POST', '/conversations', { title: mark }, { headers })
        : person.call('POST', '/calendar/events', { title: mark, ...times, timeZone: 'UTC' }, { headers });
    };
  };
  return {
    write() {
      const [kind, person, mark] = [random.pick(kinds), random.pick(persons), `${canary()}-${randomUUID()}`];
      return { kind, mark, key: `prove-${randomUUID()}`, send: sender(person, kind, mark) };
    },
    async count() {
      const rows = await platform.database.query<{ mark: string; count: number }>(
        `select mark, count(*)::int as count from (
           select reference as mark from billing.entries where workspace_id = any($1)
           union all select title from agent.conversations where workspace_id = any($1)
           union all select title from calendar.events where workspace_id = any($1)) marks
         where mark like 'canary-%' group by mark`,
        [persons.map(({ workspaceId }) => workspaceId)],
      );
      return new Map(rows.map(({ mark, count }) => [mark, count]));
    },
    unbalanced: () => unbalanced(platform),
  };
};
