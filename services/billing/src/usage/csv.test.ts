import { expect, it } from '@jest/globals';
import { writeCsv } from './csv.ts';

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
