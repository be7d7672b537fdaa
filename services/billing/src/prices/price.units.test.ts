import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { priceUnits } from './price.ts';
import { costOfCount, measuredUnits, pricedAs, readPrice, writePrice } from './price.units.ts';

describe('a price as people write it', () => {
  it.each([
    ['2.5', 'input', 2_500_000n],
    ['0.000001', 'output', 1n],
    ['10', 'page', 10_000_000_000n],
    ['0.006', 'audio_minute', 6_000_000_000n],
    ['0.02', 'storage_gb_month', 20_000_000_000n],
    ['0', 'embedding', 0n],
  ] as const)('%s for %s is %s micro-units a million', (text, unit, perMillion) => {
    expect(readPrice(text, unit)).toBe(perMillion);
  });

  it.each(['-1', '', 'NaN', '1e3', '1,5', 'Infinity', '0.0000001', '9999999999', '999999999.5.5'])(
    '%j is refused',
    (text) => {
      expect(readPrice(text, 'input')).toBeUndefined();
    },
  );

  it('survives being written and read', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 14n });
    fc.assert(
      fc.property(amount, fc.constantFrom(...priceUnits), (perMillion, unit) => {
        expect(readPrice(writePrice(perMillion, unit), unit)).toBe(perMillion);
      }),
    );
  });
});

describe('the cost of a count', () => {
  it.each([
    ['embedding', 1_000_000n, 20_000n, 20_000n],
    ['embedding', 1n, 20_000n, 1n],
    ['pages', 10n, 10_000_000_000n, 100_000n],
    ['audio_second', 90n, 6_000_000_000n, 9_000n],
    ['audio_second', 1n, 6_000_000_000n, 100n],
    // A gigabyte for thirty days, and the same in thirty steps.
    ['storage_byte_day', 30_000_000_000n, 20_000_000_000n, 20_000n],
    ['storage_byte_day', 0n, 20_000_000_000n, 0n],
  ] as const)('%s of %s at %s is %s', (unit, quantity, perMillion, cost) => {
    expect(costOfCount(unit, quantity, perMillion)).toBe(cost);
  });

  it('is less than one micro-unit above the exact price, and never below it', () => {
    const count = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(fc.constantFrom(...measuredUnits), count, count, (unit, quantity, perMillion) => {
        const cost = costOfCount(unit, quantity, perMillion);
        const whole = 1_000_000n * pricedAs[unit].counts;
        const exact = quantity * perMillion;
        expect(cost * whole >= exact && cost * whole < exact + whole).toBe(true);
      }),
    );
  });
});
