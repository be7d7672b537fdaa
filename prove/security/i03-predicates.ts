import { systemTables, type ServiceDefinition } from '@atrium/service-kit';
import { bodyFor, queryFor, settled } from '../api/bodies.ts';
import { fill, makeIds, unreachable } from '../api/place.ts';
import { unguarded } from '../api/reviewed.ts';
import { inParallel } from '../harness/pool.ts';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { send } from '../platform/http.ts';
import type { SentQuery } from '../platform/query.recorder.ts';
import { mutantsOf, type Mutant } from './predicates/mutants.ts';
import { createReach, type Reached } from './predicates/reach.ts';
import { marksIn, readMarks } from './tenant/references.ts';

/** Everything that stores ask while the attacked workspace's owner uses every operation. */
const recordStatements = async ({ platform, world }: ProofContext): Promise<SentQuery[]> => {
  const { owner } = await world.house();
  const all = await world.operations();
  const operations = all.filter((one) => one.permission !== 'public' && unreachable(one).length === 0);
  await settled(owner);
  const { sent } = await platform.queries.during(() =>
    inParallel(operations, 4, async (operation) => {
      const ending = /^(session|password|membership):write$/.test(operation.permission);
      const person = ending ? await world.again(owner) : owner;
      // These would end the very sessions or the membership that the rest needs.
      if (ending && /(password|leave|logout-all)$/.test(operation.path)) return;
      const path = fill(operation, await makeIds(operation, person, platform), queryFor(operation));
      const body = await bodyFor(operation, person, platform);
      await send(platform.gateway + path, { method: operation.method, token: person.token, body });
    }),
  );
  return sent;
};

/** With the tenant forgotten in any one statement, or mistaken in an insert, the database must still hold. */
export const predicates: Proof = {
  id: 'I3',
  title: 'forgotten tenant predicates',
  gate: '0 leaks',
  async run(context) {
    const { platform, world } = context;
    // Somebody who has tried nothing: the log of an attacker holds the ids that they asked for.
    const [house, stranger] = [await world.house(), await world.newcomer()];
    const sent = await recordStatements(context);
    const marks = await readMarks({ ...context, house, stranger });
    const { workspaceId } = house.owner;
    const shared = new Map(
      (platform.definitions as readonly ServiceDefinition[]).map(({ schema, shared: names }) => [
        schema,
        [...systemTables, ...(names ?? [])],
      ]),
    );
    const reach = createReach(platform.database);
    const faults: string[] = [];
    const seen = { home: 0, refused: 0, open: 0 };
    const judge = (mutant: Mutant, away: Reached): boolean => {
      if (mutant.kind === 'insert') return away.rows > 0;
      return away.text.includes(workspaceId) || [...marksIn(away.text)].some((mark) => marks.has(mark));
    };
    const mutants = mutantsOf(sent, workspaceId).filter(({ user }) => user.startsWith('atrium_'));
    try {
      for (const mutant of mutants) {
        const schema = mutant.user.replace(/^atrium_/, '');
        const open = shared.get(schema)?.includes(mutant.table);
        const name = `${schema}: ${mutant.text.replace(/\s+/g, ' ').slice(0, 200)}`;
        // Whose an insert is into a table without tenants, row-level security has no say in.
        if (open && mutant.kind === 'insert') continue;
        if (open) {
          seen.open += 1;
          const known = `${schema}.${mutant.table}` in unguarded || mutant.table in unguarded;
          if (!known) faults.push(`nothing but its predicate guards ${name}`);
          continue;
        }
        let reached = false;
        for (const values of mutant.samples) {
          const home = await reach.run(schema, house.owner, mutant.text, values);
          const away = await reach.run(schema, stranger, mutant.text, values);
          reached ||= home.rows > 0;
          if (away.refused) seen.refused += 1;
          if (judge(mutant, away)) faults.push(`another tenant gets through by ${name}`);
        }
        if (reached) seen.home += 1;
      }
    } finally {
      await reach.close();
    }
    if (seen.home === 0) faults.push('no statement found anything at home, so nothing was shown');
    const done = `${mutants.length} mutants of ${sent.length} statements; ${seen.home} reach rows at home, ${seen.refused} refused outright, ${seen.open} on tables without a tenant`;
    return countFaults([...new Set(faults)], done);
  },
};
