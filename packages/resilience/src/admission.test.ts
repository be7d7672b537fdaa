import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createAdmission, type Priority } from './admission.ts';

const fill = (admission: ReturnType<typeof createAdmission>, priority: Priority): number => {
  let count = 0;
  while (count < 1_000 && admission.enter(priority)) count += 1;
  return count;
};

describe('createAdmission', () => {
  it('turns the lowest priority away first, and probes never', () => {
    const admission = createAdmission({ most: 100, least: 10 });
    expect([fill(admission, 'low'), fill(admission, 'normal'), fill(admission, 'high')]).toEqual([80, 20, 25]);
    expect(fill(admission, 'always')).toBe(1_000);
  });

  it('keeps a share for each, whatever the others have', () => {
    const admission = createAdmission({ most: 100, least: 10 });
    expect([fill(admission, 'normal'), fill(admission, 'low'), fill(admission, 'high')]).toEqual([100, 15, 15]);
    admission.leave('low');
    expect([admission.enter('normal'), admission.enter('low'), admission.enter('low')]).toEqual([false, true, false]);
  });

  it('comes down to what can be done within a second, and back up within four', () => {
    const admission = createAdmission({ most: 200, least: 10 });
    fill(admission, 'normal');
    for (let turn = 0; turn < 10; turn += 1) admission.adjust(3);
    expect(admission.limit).toBeLessThan(200 * 0.9);
    while (admission.running > 0) admission.leave('normal');
    for (let turn = 0; turn < 20; turn += 1) admission.adjust(2);
    expect(admission.limit).toBe(10);
    for (let turn = 0; turn < 40; turn += 1) admission.adjust(0);
    expect(admission.limit).toBe(200);
  });

  it('falls by what the pressure says, by no more than half at once', () => {
    const after = (pressure: number): number => {
      const admission = createAdmission({ most: 100, least: 10 });
      fill(admission, 'normal');
      admission.adjust(pressure);
      return admission.limit;
    };
    expect([1.01, 1.25, 2, 50].map(after)).toEqual([90, 80, 50, 50]);
  });

  it('keeps its limit within its bounds and counts who is in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('enter'), fc.constant('leave'), fc.double({ min: 0, max: 5, noNaN: true }))),
        (moves) => {
          const admission = createAdmission({ most: 50, least: 5 });
          let inside = 0;
          for (const move of moves) {
            if (move === 'enter') inside += admission.enter('normal') ? 1 : 0;
            else if (move === 'leave') {
              if (inside === 0) continue;
              admission.leave('normal');
              inside -= 1;
            } else admission.adjust(Number(move));
            expect(admission.running).toBe(inside);
            expect(admission.limit).toBeGreaterThanOrEqual(5);
            expect(admission.limit).toBeLessThanOrEqual(50);
          }
        },
      ),
    );
  });
});
