import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { splitCharge } from './usage.ts';

it.each([
  [[10n, 5n], 15n, [10n, 5n]],
  [[10n, 5n], 12n, [10n, 2n]],
  [[10n, 5n], 0n, [0n, 0n]],
  [[], 0n, []],
])('costs of %j with %s paid are paid %j', (costs, paid, shares) => {
  expect(splitCharge(costs, paid)).toEqual(shares);
});

it('pays out all that was paid and no more than each costs', () => {
  const costs = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(costs, fc.bigInt({ min: 0n, max: 1_000n }), (each, percent) => {
      const sum = each.reduce((all, one) => all + one, 0n);
      const paid = (sum * percent) / 1_000n;
      const shares = splitCharge(each, paid);
      expect(shares.reduce((all, one) => all + one, 0n)).toBe(paid);
      expect(shares.every((share, at) => share <= (each[at] ?? 0n))).toBe(true);
    }),
  );
});
