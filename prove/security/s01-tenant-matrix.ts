import type { Proof } from '../harness/proof.ts';
import { countFaults } from '../harness/proof.ts';
import { atRest, snapshotOf } from '../platform/snapshot.ts';
import { inParallel } from '../harness/pool.ts';
import { settled } from '../api/bodies.ts';
import { unreachable } from '../api/place.ts';
import { attackOperation } from './tenant/attack.ts';
import { attackReferences, makeReferences, readMarks } from './tenant/references.ts';
import { compareTimes } from './tenant/times.ts';

const AT_ONCE = 6;

/** Nobody reaches another workspace's things: by path, query, body, cursor or filter, at either door. */
export const tenantMatrix: Proof = {
  id: 'S1',
  title: 'tenant matrix',
  gate: '0 cross-tenant reads, writes and unreached operations',
  async run(context) {
    const { platform, world } = context;
    const [house, stranger, operations] = [await world.house(), await world.stranger(), await world.operations()];
    await Promise.all([settled(house.owner), settled(stranger)]);
    const inside = operations.filter(({ permission }) => permission !== 'public');
    const faults: string[] = [];
    let requests = 0;
    const attack = {
      ...context,
      house,
      stranger,
      fault: (text: string) => void faults.push(text),
      sent: () => void (requests += 1),
    };
    const reached = inside.filter((operation) => {
      const missing = unreachable(operation).join(', ');
      if (missing !== '') faults.push(`${operation.id}: nothing makes ${missing}; add it to prove/api/makers.ts`);
      return missing === '';
    });
    await inParallel(reached, AT_ONCE, (operation) => attackOperation(attack, operation));
    const references = await makeReferences(attack);
    await settled(house.owner);
    await atRest(platform, house.owner.workspaceId);
    const theirs = { marks: await readMarks(attack), references };
    const before = await snapshotOf(platform, house.owner.workspaceId);
    await inParallel(reached, AT_ONCE, (operation) => attackReferences(attack, operation, theirs));
    const after = await snapshotOf(platform, house.owner.workspaceId);
    for (const [table, digest] of before)
      if (after.get(table) !== digest) faults.push(`${table}: rows of the attacked workspace changed`);
    await compareTimes(attack, reached);
    return countFaults(faults, `${inside.length} operations, ${requests} requests`);
  },
};
