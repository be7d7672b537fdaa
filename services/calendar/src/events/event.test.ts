import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@atrium/service-kit';
import { checkRange, checkTimes, isTimeZone } from './event.ts';

const codeOf = (work: () => void): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error);
  }
};

describe('a time zone', () => {
  it.each([
    ['Europe/Lisbon', true],
    ['America/Argentina/Buenos_Aires', true],
    ['UTC', true],
    ['Etc/GMT+3', true],
    ['+02:00', false],
    ['Mars/Olympus', false],
    ['', false],
    ['Europe/Lisbon ', false],
  ])('%j is known: %s', (name, expected) => {
    expect(isTimeZone(name)).toBe(expected);
  });
});

describe('the times of an event', () => {
  const times = (startsAt: string, endsAt: string, timeZone = 'Europe/Lisbon') =>
    codeOf(() => checkTimes({ startsAt: new Date(startsAt), endsAt: new Date(endsAt), timeZone }));

  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.001Z', undefined],
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z', 'event.ends_before_start'],
    ['2026-03-01T10:00:00Z', '2026-03-01T09:00:00Z', 'event.ends_before_start'],
    ['2026-03-01T10:00:00+02:00', '2026-03-01T09:00:00Z', undefined],
    ['2026-01-01T00:00:00Z', '2027-01-02T00:00:00Z', undefined],
    ['2026-01-01T00:00:00Z', '2027-01-02T00:00:00.001Z', 'event.too_long'],
  ])('from %s to %s: %s', (startsAt, endsAt, code) => {
    expect(times(startsAt, endsAt)).toBe(code);
  });

  it('need a zone of the IANA database', () => {
    expect(times('2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z', 'Nowhere')).toBe('event.unknown_time_zone');
  });
});

describe('a range', () => {
  const [early, late] = [new Date('2026-03-01'), new Date('2026-03-02')];
  it.each<[Date | undefined, Date | undefined, string | undefined]>([
    [early, late, undefined],
    [early, undefined, undefined],
    [undefined, late, undefined],
    [late, early, 'range.empty'],
    [early, early, 'range.empty'],
  ])('from %s to %s: %s', (from, to, code) => {
    expect(codeOf(() => checkRange(from, to))).toBe(code);
  });
});
