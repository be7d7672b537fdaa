import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chargeFor, taxesFor, type TaxRule } from './tax.ts';

const rule = (rate: number, inclusive: boolean): TaxRule => ({ name: `tax ${rate}`, rate, inclusive });

describe('taxes', () => {
  it.each<[string, bigint, TaxRule[], { net: bigint; taxes: bigint[]; total: bigint }]>([
    ['none', 1_000n, [], { net: 1_000n, taxes: [], total: 1_000n }],
    ['added', 1_000n, [rule(2_000, false)], { net: 1_000n, taxes: [200n], total: 1_200n }],
    ['contained', 1_000n, [rule(2_000, true)], { net: 833n, taxes: [167n], total: 1_000n }],
    ['half a cent up', 50n, [rule(100, false)], { net: 50n, taxes: [1n], total: 51n }],
    ['less than half down', 49n, [rule(100, false)], { net: 49n, taxes: [0n], total: 49n }],
    ['two contained', 1_000n, [rule(1_000, true), rule(500, true)], { net: 870n, taxes: [87n, 43n], total: 1_000n }],
    ['both', 1_200n, [rule(2_000, true), rule(1_000, false)], { net: 1_000n, taxes: [200n, 100n], total: 1_300n }],
  ])('%s', (_name, price, rules, expected) => {
    const { net, taxes, total } = chargeFor(price, rules);
    expect({ net, taxes: taxes.map(({ amount }) => amount), total }).toEqual(expected);
  });

  it('make up the total to the cent', () => {
    const rules = fc.array(fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.boolean()), { maxLength: 4 });
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 9n }), rules, (price, given) => {
        const charge = chargeFor(
          price,
          given.map(([rate, inclusive]) => rule(rate, inclusive)),
        );
        const all = charge.taxes.reduce((sum, { amount }) => sum + amount, 0n);
        expect(charge.net + all).toBe(charge.total);
        expect(charge.total).toBe(charge.price + charge.added);
        expect(charge.taxes.every(({ amount }) => amount >= 0n)).toBe(true);
      }),
    );
  });

  it('are those of the country of the buyer', () => {
    const rules = [rule(1_000, false), { ...rule(2_300, false), country: 'PT' }];
    expect(taxesFor(rules, 'PT')).toHaveLength(2);
    expect(taxesFor(rules, 'US')).toHaveLength(1);
    expect(taxesFor(rules, null)).toHaveLength(1);
  });
});
