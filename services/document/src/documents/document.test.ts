import { describe, expect, it } from '@jest/globals';
import { cleanFileName } from './document.ts';

describe('a file name', () => {
  it.each([
    ['Ata da reunião.pdf', 'Ata da reunião.pdf'],
    ['C:\\Users\\ana\\ata.pdf', 'ata.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['a\r\nb\u0000c\u202e.txt', 'abc.txt'],
    ['um %22dois%22.txt', 'um "dois".txt'],
    ['reunia\u0303o.txt', 'reunião.txt'],
    ['folder/', 'document'],
    [' \n ', 'document'],
    [undefined, 'document'],
    ['👩‍👩‍👧'.repeat(100), '👩👩👧'.repeat(66) + '👩👩'],
  ])('%j is kept as %j', (name, kept) => {
    expect(cleanFileName(name)).toBe(kept);
  });
});
