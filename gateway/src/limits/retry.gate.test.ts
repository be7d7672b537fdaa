import { describe, expect, it } from '@jest/globals';
import { createRetryGate, type Ending } from './retry.gate.ts';

describe('createRetryGate', () => {
  const make = () => {
    const clock = { now: 0 };
    const gate = createRetryGate(() => clock.now);
    const enters = (key: string): boolean => {
      try {
        gate.enter(key);
        return true;
      } catch {
        return false;
      }
    };
    const ends = (key: string, ending: Ending, afterMs: number): void => {
      const end = gate.enter(key);
      clock.now += afterMs;
      end(ending);
    };
    return { clock, enters, ends };
  };
  const RESERVE = 5;
  const times = (count: number, work: () => boolean): boolean[] => Array.from({ length: count }, work);

  it('lets a few repeat what failed at once, and then one in ten', () => {
    const { enters, ends } = make();
    ends('a', 'failed', 0);
    expect(times(7, () => enters('a'))).toEqual([true, true, true, true, true, false, false]);
    for (let count = 0; count < 20; count += 1) expect(enters(`other ${count}`)).toBe(true);
    expect(times(3, () => enters('a'))).toEqual([true, true, false]);
  });

  it('does not know what failed a second ago, nor what others ask', () => {
    const { clock, enters, ends } = make();
    ends('a', 'failed', 0);
    for (let count = 0; count < 10; count += 1) enters('a');
    expect([enters('a'), enters('b')]).toEqual([false, true]);
    clock.now += 1_001;
    expect(enters('a')).toBe(true);
  });

  it('forgets a failure once the same was answered', () => {
    const { enters, ends } = make();
    ends('a', 'failed', 0);
    ends('a', 'answered', 0);
    expect(times(RESERVE + 1, () => enters('a')).at(-1)).toBe(true);
  });

  it.each([
    ['answered', 900, true],
    ['left', 499, true],
    ['left', 500, false],
    ['failed', 0, false],
  ] as const)('may be asked again as often as one likes after it was %s in %i ms: %s', (ending, afterMs, free) => {
    const { enters, ends } = make();
    ends('a', ending, afterMs);
    expect(times(RESERVE + 1, () => enters('a')).at(-1)).toBe(free);
  });
});
