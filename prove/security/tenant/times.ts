import type { Operation } from '../../api/operations.ts';
import { fill, makeIds, nowhere } from '../../api/place.ts';
import { send } from '../../platform/http.ts';
import type { Attack } from './attack.ts';

const MOST_MS = 5;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Whether a thing exists elsewhere must not be told by the time its refusal takes. Busy machines get a second chance. */
export const compareTimes = async (attack: Attack, operations: readonly Operation[]): Promise<void> => {
  const { platform, house, stranger, fault, sent, short } = attack;
  for (const operation of operations) {
    if (operation.method !== 'GET' || operation.params.length === 0) continue;
    const foreign = fill(operation, await makeIds(operation, house.owner, platform));
    const absent = fill(operation, nowhere(operation));
    const difference = async (rounds: number): Promise<number> => {
      const times = { foreign: [] as number[], absent: [] as number[] };
      for (let round = 0; round < rounds * 2; round += 1) {
        const which = round % 2 === 0 ? 'foreign' : 'absent';
        const started = performance.now();
        await send(platform.gateway + (which === 'foreign' ? foreign : absent), { token: stranger.token });
        sent();
        times[which].push(performance.now() - started);
      }
      return Math.abs(median(times.foreign) - median(times.absent));
    };
    const found = await difference(short ? 5 : 25);
    if (found < MOST_MS) continue;
    const again = await difference(51);
    if (again >= MOST_MS) fault(`${operation.id}: foreign and absent ids differ by ${again.toFixed(1)} ms`);
  }
};
