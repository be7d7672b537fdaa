import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allows, counts, leftOf, nobody, reachedOf, thresholds, toTell } from './budget.ts';

describe('spending counts', () => {
  const spender = { agentId: 'a', userId: 'u', apiKeyId: 'k' };
  it.each([
    ['workspace', null, spender, true],
    ['workspace', null, nobody, true],
    ['agent', 'a', spender, true],
    ['agent', 'b', spender, false],
    ['user', 'u', spender, true],
    ['user', 'u', nobody, false],
    ['api_key', 'k', spender, true],
    ['api_key', 'u', spender, false],
  ] as const)('against the budget of the %s %s', (scope, subject, who, does) => {
    expect(counts({ scope, subject }, who)).toBe(does);
  });
});

describe('a hard budget', () => {
  const budget = { amount: 100n, mode: 'hard' } as const;
  it.each([
    [{ reserved: 0n, spent: 0n }, 100n, true],
    [{ reserved: 0n, spent: 0n }, 101n, false],
    [{ reserved: 50n, spent: 40n }, 10n, true],
    [{ reserved: 50n, spent: 40n }, 11n, false],
    [{ reserved: 0n, spent: 100n }, 1n, false],
    [{ reserved: 0n, spent: 120n }, 0n, false],
  ])('with %j lets %s be set aside: %s', (used, amount, does) => {
    expect(allows(budget, used, amount)).toBe(does);
    expect(allows({ ...budget, mode: 'soft' }, used, amount)).toBe(true);
  });

  it('is never passed by what it lets through, in any order of holds and settlements', () => {
    const step = fc.record({
      ask: fc.bigInt({ min: 1n, max: 60n }),
      pay: fc.bigInt({ min: 0n, max: 60n }),
      end: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [reserved, spent] = [0n, 0n];
        const open: bigint[] = [];
        for (const { ask, pay, end } of steps) {
          const held = end ? open.shift() : undefined;
          if (held !== undefined) {
            reserved -= held;
            spent += pay < held ? pay : held;
          } else if (allows(budget, { reserved, spent }, ask)) {
            reserved += ask;
            open.push(ask);
          }
          expect(reserved + spent <= budget.amount).toBe(true);
          expect(leftOf(budget, { reserved, spent })).toBe(budget.amount - reserved - spent);
        }
      }),
    );
  });
});

describe('the alerts', () => {
  it.each([
    [49n, 100n, 0, []],
    [50n, 100n, 0, [50]],
    [100n, 100n, 0, [50, 80, 100]],
    [100n, 100n, 80, [100]],
    [1_000n, 100n, 100, []],
    [2n, 3n, 0, [50]],
  ])('at %s of %s, having told %s, are %j', (spent, amount, told, tells) => {
    expect(toTell(spent, amount, told)).toEqual(tells);
  });

  it('are told once each, however spending comes', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 50n })), (amounts) => {
        let [spent, told] = [0n, 0];
        const all: number[] = [];
        for (const amount of amounts) {
          spent += amount;
          all.push(...toTell(spent, 100n, told));
          told = Math.max(told, reachedOf(spent, 100n));
        }
        expect(all).toEqual(thresholds.filter((percent) => spent >= BigInt(percent)));
      }),
    );
  });
});
