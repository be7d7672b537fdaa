import { describe, expect, it } from '@jest/globals';
import { cellsOf, readCsv, readPrices, type PriceLine } from './price.import.ts';

const at = new Date('2026-11-21T10:00:00Z');
const line = (given: Partial<PriceLine>): PriceLine => ({
  row: 2,
  provider: 'openai',
  model: 'gpt-4o',
  unit: 'input',
  price: '2.5',
  validFrom: '2026-12-01',
  ...given,
});

describe('a CSV file', () => {
  it('is read by the names in its first line, whatever their order', () => {
    const { lines, errors } = readCsv(
      '\uFEFFmodel,provider,price,unit,valid_from\r\n"gpt-4o",openai,2.50,input,2026-12-01\r\n\r\n',
    );
    expect(errors).toEqual([]);
    expect(lines).toEqual([line({ price: '2.50' })]);
  });

  it('may leave the date out', () => {
    expect(readCsv('provider,model,unit,price\na,b,page,1').lines).toMatchObject([{ validFrom: '' }]);
  });

  it.each([
    ['', 'header'],
    ['provider,model\na,b', 'header'],
    ['provider,model,unit,price\na,b,input', 'line'],
    ['provider,model,unit,price\na,"b,input,1', 'line'],
  ])('%j is refused for its %s', (text, field) => {
    expect(readCsv(text).errors).toMatchObject([{ field }]);
  });

  it.each([
    ['a,b', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",', ['say "hi"', '']],
  ])('%j has the cells %j', (text, cells) => {
    expect(cellsOf(text)).toEqual(cells);
  });
});

describe('the lines of a price file', () => {
  it('become prices', () => {
    expect(readPrices([line({}), line({ row: 3, unit: 'output', price: '10', validFrom: '' })], at)).toEqual({
      errors: [],
      prices: [
        {
          provider: 'openai',
          model: 'gpt-4o',
          unit: 'input',
          perMillion: 2_500_000n,
          validFrom: new Date('2026-12-01T00:00:00Z'),
        },
        { provider: 'openai', model: 'gpt-4o', unit: 'output', perMillion: 10_000_000n, validFrom: at },
      ],
    });
  });

  it.each([
    [{ provider: '' }, 'provider'],
    [{ model: 'with space' }, 'model'],
    [{ unit: 'words' }, 'unit'],
    [{ price: '-1' }, 'price'],
    [{ price: 'NaN' }, 'price'],
    [{ price: '0.0000001' }, 'price'],
    [{ price: '1e309' }, 'price'],
    [{ validFrom: '2026-02-30' }, 'validFrom'],
    [{ validFrom: 'tomorrow' }, 'validFrom'],
    [{ validFrom: '1970-01-01' }, 'validFrom'],
  ])('with %j are refused for their %s', (given, field) => {
    const { prices, errors } = readPrices([line(given)], at);
    expect(prices).toEqual([]);
    expect(errors).toMatchObject([{ row: 2, field }]);
  });

  it('name every mistake, each with its row', () => {
    const { errors } = readPrices([line({ unit: 'x', provider: '' }), line({ row: 3, price: '?' })], at);
    expect(errors.map(({ row, field }) => [row, field])).toEqual([
      [2, 'provider'],
      [2, 'unit'],
      [3, 'price'],
    ]);
  });

  it('cannot say two prices for the same thing', () => {
    expect(readPrices([line({}), line({ row: 3, price: '3' })], at).errors).toMatchObject([{ row: 3, field: 'line' }]);
  });
});
