import { systemTables, type ServiceDefinition } from '@atrium/service-kit';
import pg from 'pg';
import { settled } from '../api/bodies.ts';
import { makeReferences } from './tenant/references.ts';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import type { Person } from '../platform/people.ts';
import type { Platform } from '../platform/platform.ts';

const READS: readonly [string, string][] = [
  ['document', '/documents'],
  ['document', '/documents/search?query=canary'],
  ['agent-orchestrator', '/conversations'],
  ['agent-orchestrator', '/agents'],
  ['billing', '/billing/transactions'],
  ['billing', '/billing/balance'],
  ['calendar', '/calendar/events'],
  ['calendar', '/calendar/calendars'],
  ['auth', '/auth/me'],
  ['auth', '/users'],
  ['auth', '/audit-log'],
  ['auth', '/api-keys'],
];
const AT_ONCE = 24;

/** Tables that the service's own role sees rows of without saying whose. */
const seenWithoutTenant = async (platform: Platform): Promise<string[]> => {
  const faults: string[] = [];
  for (const { schema, shared } of platform.definitions as readonly ServiceDefinition[]) {
    if (!schema) continue;
    const client = new pg.Client(platform.database.urlOf(schema));
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string }>(
        `select tablename as name from pg_tables where schemaname = $1`,
        [schema],
      );
      for (const { name } of rows.filter((row) => ![...systemTables, ...shared].includes(row.name))) {
        const seen = await client.query(`select 1 from ${schema}."${name}" limit 1`).then(
          ({ rowCount }) => rowCount ?? 0,
          () => 0,
        );
        if (seen > 0) faults.push(`${schema}.${name} shows rows without a tenant`);
      }
    } finally {
      await client.end();
    }
  }
  return faults;
};

/** What only this person's workspace has. */
const marksOf = (person: Person, names: readonly string[]): string[] => [
  person.workspaceId,
  person.id,
  person.name,
  ...names,
];

/** Two tenants over pools of four connections, with requests that are broken off: nothing stays behind in a connection. */
export const poolLeak: Proof = {
  id: 'I2',
  title: 'pool leak',
  gate: '0 foreign rows',
  async run(context) {
    const { platform, world, random, short } = context;
    const tenants = [(await world.house()).owner, await world.stranger()] as const;
    const [one, other] = tenants;
    const made = new Map<Person, string[]>();
    for (const person of tenants) {
      await settled(person);
      const house = { owner: person, admin: person, member: person, viewer: person };
      const references = await makeReferences({ platform, house });
      made.set(
        person,
        [...references.values()].filter((id) => id !== person.id),
      );
    }
    const rounds = short ? 1_500 : 50_000;
    const foreign = new Map([
      [one, marksOf(other, made.get(other) ?? [])],
      [other, marksOf(one, made.get(one) ?? [])],
    ]);
    const faults: string[] = [];
    let [aborted, answered] = [0, 0];
    const plan = Array.from({ length: rounds }, () => ({
      person: random.pick(tenants),
      read: random.pick(READS),
      abortMs: random.next() < 0.15 ? random.next() * 8 : undefined,
    }));
    await inParallel(plan, AT_ONCE, async ({ person, read: [service, path], abortMs }) => {
      const stop = new AbortController();
      if (abortMs !== undefined) setTimeout(() => stop.abort(), abortMs);
      const url = `${platform.urls[service]}/api/v1${path}`;
      const answer = await send(url, { token: person.token, signal: stop.signal }).catch(() => undefined);
      if (!answer) return void (aborted += 1);
      answered += 1;
      if (answer.status !== 200) faults.push(`${path} is answered ${answer.status}`);
      // The audit log of one tells what they themselves asked for, by its id.
      const marks = (foreign.get(person) ?? []).filter((mark) => answer.text.includes(mark));
      if (marks.length > 0 && path !== '/audit-log') faults.push(`${path} gave away ${marks[0]}`);
    });
    faults.push(...(await seenWithoutTenant(platform)));
    return countFaults(faults, `${answered} answers and ${aborted} broken off, of 2 tenants over pools of 4`);
  },
};
