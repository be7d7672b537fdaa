import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from '../../platform/people.ts';
import { answers, timeUntil } from '../../processes/recovery.ts';
import type { ProcessScene } from '../../processes/scene.ts';

const MOST_LATE_MS = 400;
/** On a machine that starts processes slowly nothing would be left to be killed. */
const MOST_AWAY = 3;

export interface Kills {
  /** By role. */
  readonly killed: Record<string, number>;
  /** From each kill to the first answer of that role through the gateway; ms. */
  readonly recoveries: number[];
  readonly faults: string[];
}

/**
 * Kills a random role each time so many operations are done, up to 400 ms later, unless three are still away; the supervisor starts it again.
 * @param done how many operations are done
 * @param going whether there is any load left
 */
export const killRoles = async (
  { platform, random }: ProcessScene,
  plan: { kills: number; operations: number; witness: Person; done(): number; going(): boolean },
): Promise<Kills> => {
  const { kills, operations, witness } = plan;
  const names = Object.keys(platform.roles);
  const seen: Kills = { killed: {}, recoveries: [], faults: [] };
  const watched: Promise<void>[] = [];
  let away = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    const [victim, late] = [random.pick(names), random.int(MOST_LATE_MS)];
    const at = Math.floor((kill * operations) / (kills + 1));
    while (plan.done() < at && plan.going()) await sleep(10);
    while (away >= MOST_AWAY && plan.going()) await sleep(10);
    if (!plan.going()) break;
    await sleep(late);
    await platform.roles[victim]?.kill();
    away += 1;
    seen.killed[victim] = (seen.killed[victim] ?? 0) + 1;
    const recovery = timeUntil(() => answers(platform, witness, victim)).then(
      (ms) => void seen.recoveries.push(ms),
      (error: Error) => void seen.faults.push(`${victim}: ${error.message}`),
    );
    watched.push(recovery.finally(() => (away -= 1)));
  }
  await Promise.all(watched);
  return seen;
};
