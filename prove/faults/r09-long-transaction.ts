import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { partOf } from './load/load.ts';
import { startOutboxRig, type OutboxRig } from './outbox/outbox.rig.ts';

const LEAST = { long: 0.95, short: 0.8 };

/** Writes at a constant rate. @returns events handled a second meanwhile, the last ones included that come within a second */
const pass = async (rig: OutboxRig, keys: number, perSecond: number, seconds: number) => {
  const before = await rig.count();
  const began = performance.now();
  await rig.write({ keys, perSecond, seconds });
  const handled = (await rig.count()) - before;
  const rate = handled / ((performance.now() - began) / 1_000);
  return { rate, handled };
};

const run = async ({ short }: ProofContext) => {
  const [keys, perSecond] = short ? [50, 100] : [100, 500];
  const [calmFor, heldFor] = short ? [4, 8] : [60, 600];
  const rig = await startOutboxRig(1);
  const holder = await rig.connect();
  try {
    await pass(rig, keys, perSecond, 2);
    await rig.drained(20_000);
    const calm = await pass(rig, keys, perSecond, calmFor);
    await rig.drained(20_000);
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*) from teller.outbox');
    await pass(rig, keys, perSecond, heldFor - calmFor);
    const from = await rig.count();
    const held = await pass(rig, keys, perSecond, calmFor);
    const drained = await rig.drained(45_000);
    const late = partOf((await rig.heard()).slice(from).map(({ lateMs }) => lateMs));
    await rig.query('select pg_stat_force_next_flush()');
    const [dead] = await rig.query<{ dead: number; size: number }>(
      `select n_dead_tup::int as dead, pg_total_relation_size(relid)::float8 / 1048576 as size
       from pg_stat_user_tables where schemaname = 'teller' and relname = 'outbox'`,
    );
    const share = held.rate / calm.rate;
    const least = LEAST[short ? 'short' : 'long'];
    const faults: string[] = [];
    if (share < least) faults.push(`${share.toFixed(2)} of the rate before, ${least} are wanted`);
    if (!drained) faults.push('the outbox was not empty 45 s later');
    return countFaults(
      faults,
      `${perSecond} events/s, a transaction held open for ${heldFor} s: handled ${calm.rate.toFixed(1)}/s before, ${held.rate.toFixed(1)}/s at its end (${share.toFixed(3)}), p99 from commit to effect ${Math.round(late.p99)} ms; n_dead_tup ${dead?.dead ?? -1}, outbox ${dead?.size.toFixed(1) ?? '?'} MB`,
    );
  } finally {
    await holder.end();
    await rig.close();
  }
};

/** Somebody holds a transaction open, so that nothing that was deleted can be cleaned up. */
export const longTransaction: Proof = {
  id: 'R9',
  title: 'long transaction',
  gate: 'events are handled at ≥ 0.95 of the rate without it (short: 0.8)',
  run,
};
