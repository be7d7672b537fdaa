import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instantOf, isTimeZone, toRfc3339, wallAt } from './zone.ts';

const zones = [
  'America/Sao_Paulo',
  'America/New_York',
  'Europe/Lisbon',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'UTC',
];
const minute = fc
  .integer({ min: Date.UTC(2015, 0, 1) / 60_000, max: Date.UTC(2035, 0, 1) / 60_000 })
  .map((value) => new Date(value * 60_000));

describe('wall clocks', () => {
  it('writes the very instant, in any zone', () => {
    fc.assert(
      fc.property(minute, fc.constantFrom(...zones), (instant, zone) => {
        expect(Date.parse(toRfc3339(instant, zone))).toBe(instant.getTime());
      }),
    );
  });

  it('comes back to a time that shows the same, or to the first of two that do', () => {
    fc.assert(
      fc.property(minute, fc.constantFrom(...zones), (instant, zone) => {
        const wall = wallAt(instant, zone);
        const found = instantOf(wall, zone);
        expect(wallAt(found, zone)).toEqual(wall);
        expect(found.getTime()).toBeLessThanOrEqual(instant.getTime());
      }),
    );
  });

  it('moves a time that clocks skip forward', () => {
    const skipped = { year: 2026, month: 3, day: 8, hour: 2, minute: 30 };
    expect(toRfc3339(instantOf(skipped, 'America/New_York'), 'America/New_York')).toBe('2026-03-08T03:30:00-04:00');
  });

  it('knows which zones there are', () => {
    expect(isTimeZone('Europe/Lisbon')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});
