import { setTimeout as sleep } from 'node:timers/promises';
import { countFaults, type Proof, type ProofContext } from '../harness/proof.ts';
import { partOf } from './load/load.ts';
import { startOutboxRig, type Heard } from './outbox/outbox.rig.ts';

const RELAYS = 3;
const P99_MS = { long: 1_000, short: 6_000 };

/** What is wrong with what was heard: an event that is missing, came twice, or came before an earlier one of its key. */
const misheard = (heard: readonly Heard[], written: number, keys: number): string[] => {
  const faults: string[] = [];
  for (const [key, events] of Map.groupBy(heard, ({ key }) => key)) {
    const numbers = events.map(({ number }) => number);
    const early = numbers.filter((number, at) => at > 0 && number < (numbers[at - 1] ?? 0)).length;
    const distinct = new Set(numbers).size;
    if (early > 0) faults.push(`${key}: ${early} came before earlier ones`);
    if (distinct < numbers.length) faults.push(`${key}: ${numbers.length - distinct} came twice`);
    if (distinct < Math.max(...numbers)) faults.push(`${key}: ${Math.max(...numbers) - distinct} never came`);
  }
  if (heard.length !== written) faults.push(`${written} were written, ${heard.length} heard`);
  if (new Set(heard.map(({ key }) => key)).size !== keys) faults.push('some keys were never heard of');
  return faults;
};

const run = async ({ random, short }: ProofContext) => {
  const size = short
    ? { keys: 20, each: 40, perSecond: 100, kills: 5 }
    : { keys: 100, each: 1_000, perSecond: 250, kills: 50 };
  const seconds = (size.keys * size.each) / size.perSecond;
  const rig = await startOutboxRig(RELAYS);
  try {
    let writing = true;
    const work = rig.write({ keys: size.keys, perSecond: size.perSecond, seconds }).finally(() => (writing = false));
    let kills = 0;
    const starting = new Map<number, Promise<void>>();
    const pause = (seconds * 1_000) / (size.kills + 1);
    const killing = (async () => {
      while (writing && kills < size.kills) {
        await sleep(pause * (0.5 + random.next()));
        const victim = random.int(RELAYS);
        // One that is just starting is spared; the others go on meanwhile.
        if (starting.has(victim)) continue;
        kills += 1;
        starting.set(
          victim,
          rig.kill(victim).finally(() => starting.delete(victim)),
        );
      }
      await Promise.all(starting.values());
    })();
    const written = await work;
    await killing;
    const drained = await rig.drained(45_000);
    const heard = await rig.heard();
    const { p50, p99 } = partOf(heard.map(({ lateMs }) => lateMs));
    const slowest = Math.max(0, ...heard.map(({ lateMs }) => lateMs));
    const faults = misheard(heard, written, size.keys);
    if (!drained) faults.push('the outbox was not empty 45 s later');
    const most = P99_MS[short ? 'short' : 'long'];
    if (p99 > most) faults.push(`from commit to effect p99 ${Math.round(p99)} ms, ${most} are allowed`);
    return countFaults(
      faults,
      `${written} events of ${size.keys} keys, ${RELAYS} relays, ${kills} killed; from commit to effect p50 ${Math.round(p50)}, p99 ${Math.round(p99)}, slowest ${Math.round(slowest)} ms`,
    );
  } finally {
    await rig.close();
  }
};

/** Several relays share an outbox and are killed. */
export const outboxOrder: Proof = {
  id: 'R8',
  title: 'relays killed',
  gate: '0 events out of order, lost or handled twice; p99 from commit to effect ≤ 1 s (short: 6 s)',
  run,
};
