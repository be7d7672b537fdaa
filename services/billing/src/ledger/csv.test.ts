import { describe, expect, it } from '@jest/globals';
import { csvLine } from './csv.ts';

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
