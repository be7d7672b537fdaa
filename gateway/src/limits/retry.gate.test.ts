import { describe, expect, it } from '@jest/globals';
import { createRetryGate } from './retry.gate.ts';

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
    return { clock, gate, enters };
  };

  it('lets a few repeat what failed at once, and then one in ten', () => {
    const { gate, enters } = make();
    gate.failed('a');
    expect(Array.from({ length: 7 }, () => enters('a'))).toEqual([true, true, true, true, true, false, false]);
    for (let count = 0; count < 20; count += 1) expect(enters(`other ${count}`)).toBe(true);
    expect(Array.from({ length: 3 }, () => enters('a'))).toEqual([true, true, false]);
  });

  it('does not know what failed a second ago, nor what others ask', () => {
    const { clock, gate, enters } = make();
    gate.failed('a');
    for (let count = 0; count < 10; count += 1) enters('a');
    expect([enters('a'), enters('b')]).toEqual([false, true]);
    clock.now = 1_001;
    expect(enters('a')).toBe(true);
  });
});
