import { describe, expect, it } from '@jest/globals';
import { readPlans, termsOf, usualPlans } from './plan.ts';

const entitlements = { models: ['gpt-*'], concurrentRuns: 1, maxUploadBytes: null, members: null, documents: 5 };
const team = { id: 'team', name: 'Team', price: 10_000, allowance: 2, entitlements };

describe('plans from a file', () => {
  it('are completed with the plans that must be there', () => {
    expect(readPlans([team]).map(({ id }) => id)).toEqual(['team', 'free', 'custom']);
    expect(readPlans([{ ...team, id: 'free' }]).map(({ id }) => id)).toEqual(['free', 'custom']);
  });

  it.each([
    ['nothing', []],
    ['a price that is not whole cents', [{ ...team, price: 9_999 }]],
    ['a price below zero', [{ ...team, price: -1 }]],
    ['half a micro-unit', [{ ...team, allowance: 0.5 }]],
    ['a plan twice', [team, team]],
    ['an unknown field', [{ ...team, prise: 1 }]],
    ['a name for the plan that is none', [{ ...team, id: 'Team!' }]],
  ])('with %s are refused', (_name, plans) => {
    expect(() => readPlans(plans)).toThrow();
  });
});

describe('the terms of a workspace', () => {
  it('are those of its plan, or what was agreed', () => {
    expect(
      termsOf(
        [team, ...usualPlans].map((plan) => ({ description: '', ...plan })),
        'team',
        null,
      ),
    ).toEqual({
      price: 10_000,
      allowance: 2,
      entitlements,
    });
    const agreed = { price: 9, allowance: 9, entitlements };
    expect(termsOf(usualPlans, 'custom', agreed)).toBe(agreed);
  });

  it('are those of the default plan when its own is no longer offered', () => {
    expect(termsOf(usualPlans, 'gone', null).price).toBe(0);
  });
});
