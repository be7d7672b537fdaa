import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideTopUp, type TopUpRule, type TopUpsSoFar } from './top-up.ts';

const rule: TopUpRule = { enabled: true, threshold: 10n, amount: 5n, mostPerDay: 12n, mostPerMonth: 20n };
const none: TopUpsSoFar = { paused: false, pending: false, failedLately: false, today: 0n, thisMonth: 0n };

it.each<[string, TopUpRule | null, bigint, Partial<TopUpsSoFar>, object]>([
  ['without a rule', null, 0n, {}, { not: 'off' }],
  ['with a rule that is off', { ...rule, enabled: false }, 0n, {}, { not: 'off' }],
  ['at the threshold', rule, 10n, {}, { not: 'enough' }],
  ['below it', rule, 9n, {}, { amount: 5n }],
  ['while somebody has to do something first', rule, 0n, { paused: true }, { not: 'paused' }],
  ['while one is pending', rule, 0n, { pending: true }, { not: 'pending' }],
  ['just after one failed', rule, 0n, { failedLately: true }, { not: 'failed_lately' }],
  ['up to the limit of the day', rule, 0n, { today: 7n, thisMonth: 7n }, { amount: 5n }],
  ['beyond the limit of the day', rule, 0n, { today: 8n, thisMonth: 8n }, { not: 'day_limit' }],
  ['beyond the limit of the month', rule, 0n, { thisMonth: 16n }, { not: 'month_limit' }],
])('%s', (_name, given, wallet, soFar, decision) => {
  expect(decideTopUp(given, wallet, { ...none, ...soFar })).toEqual(decision);
});

it('never asks for more than a day allows, however often it looks', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 15n })), (wallets) => {
      let asked = 0n;
      for (const wallet of wallets) {
        const decision = decideTopUp(rule, wallet, { ...none, today: asked, thisMonth: asked });
        if ('amount' in decision) asked += decision.amount;
      }
      expect(asked <= rule.mostPerDay).toBe(true);
    }),
  );
});
