import { describe, expect, it } from '@jest/globals';
import { isTimeZone, titleOf, UNTITLED } from './conversation.ts';

describe('a title', () => {
  it.each([
    ['Book a meeting', 'Book a meeting'],
    ['  first   line \nsecond line', 'first line'],
    [' \n ', UNTITLED],
    [`${'word '.repeat(30)}`, `${'word '.repeat(15).trim()}…`],
    ['x'.repeat(100), `${'x'.repeat(79)}…`],
  ])('of %j is %j', (text, title) => {
    expect(titleOf(text)).toBe(title);
  });

  it('never cuts an emoji in two', () => {
    expect(titleOf('😀'.repeat(100)).isWellFormed()).toBe(true);
  });
});

describe('a time zone', () => {
  it.each([
    ['America/Sao_Paulo', true],
    ['UTC', true],
    ['Mars/Olympus', false],
    ['', false],
  ])('%j: %s', (name, known) => {
    expect(isTimeZone(name)).toBe(known);
  });
});
