import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choosePrice, costOf, withoutDate, type ListedPrice, type PriceUnit } from './price.ts';

const row = (name: string, unit: PriceUnit, perMillion: bigint, validFrom = '2026-01-01'): ListedPrice => {
  const [provider = '', model = ''] = name.split('/');
  return { provider, model, unit, perMillion, validFrom: new Date(validFrom) };
};
const listed = [
  row('openai/gpt-4o', 'input', 2_500_000n),
  row('openai/gpt-4o', 'cached_input', 1_250_000n),
  row('openai/gpt-4o', 'output', 10_000_000n),
  row('openai/gpt-4o', 'input', 2_000_000n, '2026-06-01'),
  row('builtin/builtin', 'input', 10_000n),
  row('builtin/builtin', 'output', 40_000n),
  row('openai/half', 'input', 1n),
  row('*/*', 'input', 5_000_000n),
  row('*/*', 'output', 25_000_000n),
];
const at = new Date('2026-03-01');

describe('the price of a model', () => {
  it.each([
    ['openai', 'gpt-4o', 'openai/gpt-4o', 2_500_000n],
    ['openai', 'gpt-4o-2024-08-06', 'openai/gpt-4o', 2_500_000n],
    ['openai', 'gpt-4o-mini', '*/*', 5_000_000n],
    ['somebody', 'gpt-4o', '*/*', 5_000_000n],
    ['builtin', 'builtin', 'builtin/builtin', 10_000n],
    ['openai', 'half', '*/*', 5_000_000n],
  ])('%s/%s is listed as %s', (provider, model, listedAs, input) => {
    expect(choosePrice(listed, { provider, model }, at)).toMatchObject({ listedAs, input });
  });

  it('is the latest one that is valid', () => {
    const asked = { provider: 'openai', model: 'gpt-4o' };
    expect(choosePrice(listed, asked, new Date('2026-05-31')).input).toBe(2_500_000n);
    expect(choosePrice(listed, asked, new Date('2026-06-01')).input).toBe(2_000_000n);
    expect(choosePrice([...listed].reverse(), asked, new Date('2026-06-01')).input).toBe(2_000_000n);
  });

  it('of cached input is that of input where none is listed', () => {
    expect(choosePrice(listed, { provider: 'openai', model: 'gpt-4o' }, at).cachedInput).toBe(1_250_000n);
    expect(choosePrice(listed, { provider: 'builtin', model: 'builtin' }, at).cachedInput).toBe(10_000n);
  });

  it('is never made up', () => {
    expect(() => choosePrice([], { provider: 'a', model: 'b' }, at)).toThrow('*/*');
  });
});

it.each([
  ['gpt-4o-2024-08-06', 'gpt-4o'],
  ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
  ['gpt-4o', 'gpt-4o'],
  ['llama-3-70b', 'llama-3-70b'],
])('%s without its date is %s', (model, name) => {
  expect(withoutDate(model)).toBe(name);
});

describe('the cost', () => {
  const price = { input: 2_500_000n, cachedInput: 1_250_000n, output: 10_000_000n, listedAs: 'openai/gpt-4o' };
  const tokens = (inputTokens: number, cachedInputTokens: number, outputTokens: number) => ({
    inputTokens,
    cachedInputTokens,
    outputTokens,
  });
  it.each([
    [tokens(0, 0, 0), 0n],
    [tokens(1_000_000, 0, 0), 2_500_000n],
    [tokens(1_000_000, 1_000_000, 0), 1_250_000n],
    [tokens(1_000, 400, 200), 4_000n],
    [tokens(1, 0, 0), 3n],
    [tokens(1, 0, 1), 13n],
    [tokens(10, 20, 0), 13n],
  ])('of %j is %s micro-units, rounded up once', (used, cost) => {
    expect(costOf(price, used)).toBe(cost);
  });

  it('is less than one micro-unit above the exact price, and never below it', () => {
    const count = fc.nat({ max: 100_000_000 });
    const rate = fc.bigInt({ min: 0n, max: 100_000_000n });
    fc.assert(
      fc.property(count, count, rate, rate, (input, output, inputRate, outputRate) => {
        const cost = costOf(
          { input: inputRate, cachedInput: inputRate, output: outputRate, listedAs: '' },
          tokens(input, 0, output),
        );
        const exact = BigInt(input) * inputRate + BigInt(output) * outputRate;
        expect(cost * 1_000_000n >= exact && cost * 1_000_000n < exact + 1_000_000n).toBe(true);
      }),
    );
  });
});
