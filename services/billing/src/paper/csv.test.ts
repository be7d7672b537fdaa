import { describe, expect, it } from '@jest/globals';
import { csvLine, digits, writeCsv } from './csv.ts';

describe('a line of CSV', () => {
  it.each<[string, (string | number)[], string]>([
    ['plain cells', ['a', 1, -2], 'a,1,-2'],
    ['quotes, commas and line ends', ['say "hi"', 'a,b', 'a\nb'], '"say ""hi""","a,b","a\nb"'],
    ['a formula', ['=1+1', '+1', '-1', '@x'], "'=1+1,'+1,'-1,'@x"],
    ['a formula after white space', [' =1', '\t=1', '\r=1'], "' =1,'\t=1,\"'\r=1\""],
  ])('keeps %s', (_name, cells, line) => {
    expect(csvLine(cells)).toBe(`${line}\r\n`);
  });
});

it('keeps numbers by their digits, and takes nothing else for one', () => {
  expect(csvLine([digits('-12.30'), digits('9007199254740993.000001'), '-12.30'])).toBe(
    "-12.30,9007199254740993.000001,'-12.30\r\n",
  );
  for (const text of ['', '=1', '1e3', '-', '1.', '-1+cmd', '1\n']) expect(() => digits(text)).toThrow('is no number');
});

it('quotes what needs it, leaves nothing out, and hands no formula to a spreadsheet', () => {
  expect(
    writeCsv(
      ['a', 'b'],
      [
        ['x', 1],
        ['say "hi", you', -2n],
        [null, '=1+1'],
      ],
    ),
  ).toBe('a,b\r\nx,1\r\n"say ""hi"", you",-2\r\n,\'=1+1\r\n');
});
