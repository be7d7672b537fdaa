import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { balanceStates, crossing, nextState, stateOf } from './balance.ts';

it.each([
  [10n, 5n, 'fine'],
  [5n, 5n, 'fine'],
  [4n, 5n, 'low'],
  [0n, 5n, 'exhausted'],
  [1n, 0n, 'fine'],
] as const)('%s with a threshold of %s is %s', (unspent, threshold, state) => {
  expect(stateOf(unspent, threshold)).toBe(state);
});

it.each([
  ['exhausted', 3n, 'exhausted'],
  ['exhausted', 5n, 'fine'],
  ['low', 3n, 'low'],
  ['fine', 3n, 'low'],
  ['low', 0n, 'exhausted'],
] as const)('%s with %s left of a threshold of 5 becomes %s', (before, unspent, after) => {
  expect(nextState(before, unspent, 5n)).toBe(after);
});

describe('a crossing', () => {
  it.each([
    ['fine', 'low', 'low'],
    ['fine', 'exhausted', 'exhausted'],
    ['low', 'exhausted', 'exhausted'],
    ['low', 'low', undefined],
    ['exhausted', 'low', undefined],
    ['low', 'fine', undefined],
  ] as const)('from %s to %s tells %s', (before, after, told) => {
    expect(crossing(before, after)).toBe(told);
  });

  it('is told once, until the balance was better', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...balanceStates)), (states) => {
        let [state, told]: [(typeof balanceStates)[number], string | undefined] = ['fine', undefined];
        for (const next of states) {
          const tells = crossing(state, next);
          if (tells) expect(tells).not.toBe(told);
          told = next === state ? told : tells;
          state = next;
        }
      }),
    );
  });
});
