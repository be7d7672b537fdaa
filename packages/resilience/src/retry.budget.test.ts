import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createRetryBudget } from './retry.budget.ts';

describe('createRetryBudget', () => {
  it('lets single failures be tried again', () => {
    const budget = createRetryBudget({ share: 0.1, reserve: 3 });
    expect([budget.spend(), budget.spend(), budget.spend(), budget.spend()]).toEqual([true, true, true, false]);
  });

  it('never allows more than its reserve and its share of the first tries', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (moves) => {
        const budget = createRetryBudget({ share: 0.1, reserve: 5 });
        let [first, again] = [0, 0];
        for (const isFirst of moves) {
          if (isFirst) {
            budget.earn();
            first += 1;
          } else if (budget.spend()) again += 1;
        }
        expect(again).toBeLessThanOrEqual(5 + first * 0.1 + 1e-9);
      }),
    );
  });
});
