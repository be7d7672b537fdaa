import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, addMonths, isTimeZone, localDateOf, periodAt, startOfDay } from './zone.ts';

const zones = [
  'UTC',
  'Europe/Lisbon',
  'America/Sao_Paulo',
  'America/New_York',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'Africa/Cairo',
];
const someZone = fc.constantFrom(...zones);
const someMoment = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) }).map((ms) => new Date(ms));

describe('the start of a day', () => {
  it.each([
    ['2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', 'America/Sao_Paulo', '2026-11-21T03:00:00.000Z'],
    // Clocks jumped from midnight to one: the day began at one.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['2026-03-29', 'Europe/Lisbon', '2026-03-29T00:00:00.000Z'],
    ['2026-03-30', 'Europe/Lisbon', '2026-03-29T23:00:00.000Z'],
    ['2026-10-26', 'Europe/Lisbon', '2026-10-26T00:00:00.000Z'],
    ['2026-07-01', 'Asia/Kathmandu', '2026-06-30T18:15:00.000Z'],
  ])('%s in %s is %s', (date, zone, start) => {
    expect(startOfDay(date, zone).toISOString()).toBe(start);
  });

  it('is of that day, and the second before is not', () => {
    fc.assert(
      fc.property(someMoment, someZone, (at, zone) => {
        const date = localDateOf(at, zone);
        const start = startOfDay(date, zone);
        expect(localDateOf(start, zone)).toBe(date);
        expect(localDateOf(new Date(start.getTime() - 1000), zone) < date).toBe(true);
      }),
    );
  });
});

describe('a period', () => {
  it.each([
    ['daily', 'America/New_York', '2026-03-08T12:00:00Z', 23],
    ['daily', 'America/New_York', '2026-11-01T12:00:00Z', 25],
    ['daily', 'America/New_York', '2026-11-02T12:00:00Z', 24],
    ['monthly', 'UTC', '2026-02-28T23:59:59Z', 28 * 24],
    ['monthly', 'America/New_York', '2026-11-15T00:00:00Z', 30 * 24 + 1],
  ] as const)('%s in %s at %s has %s hours', (kind, zone, at, hours) => {
    const { start, end } = periodAt(kind, zone, new Date(at));
    expect((end.getTime() - start.getTime()) / 3_600_000).toBe(hours);
  });

  it('holds its moment, and the next one begins where it ends', () => {
    fc.assert(
      fc.property(fc.constantFrom('daily' as const, 'monthly' as const), someZone, someMoment, (kind, zone, at) => {
        const { start, end } = periodAt(kind, zone, at);
        expect(start <= at && at < end).toBe(true);
        expect(periodAt(kind, zone, end).start).toEqual(end);
        expect(periodAt(kind, zone, new Date(end.getTime() - 1000))).toEqual({ start, end });
      }),
    );
  });
});

it.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2026-01-31', 2, '2026-03-31'],
  ['2026-11-30', 3, '2027-02-28'],
  ['2026-12-15', 1, '2027-01-15'],
])('%s and %s months are %s', (date, months, later) => {
  expect(addMonths(date, months)).toBe(later);
});

it('counts days over the end of a year', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
});

it.each([
  ['Europe/Lisbon', true],
  ['UTC', true],
  ['Nowhere/At_All', false],
  ['+02:00', false],
  ['', false],
])('%j is a time zone: %s', (zone, known) => {
  expect(isTimeZone(zone)).toBe(known);
});
