/** What a clock on the wall shows; month and day from 1. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
};

export const isTimeZone = (timeZone: string): boolean => {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false;
  }
};

/** The wall clock of an IANA zone at an instant. */
export const wallAt = (instant: Date, timeZone: string): Wall => {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return {
    year: parts['year'] ?? 0,
    month: parts['month'] ?? 1,
    day: parts['day'] ?? 1,
    hour: parts['hour'] ?? 0,
    minute: parts['minute'] ?? 0,
  };
};

const asUtc = (wall: Wall): number => Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);

/** How far the zone is ahead of UTC at an instant, in milliseconds, to the minute. */
const offsetAt = (instant: number, timeZone: string): number =>
  asUtc(wallAt(new Date(instant), timeZone)) - Math.floor(instant / MINUTE) * MINUTE;

/**
 * The instant a wall clock shows a time. A time that clocks skip moves forward by what was skipped; of a time they show
 * twice it is the first (RFC 5545 3.3.5).
 */
export const instantOf = (wall: Wall, timeZone: string): Date => {
  const utc = asUtc(wall);
  const before = offsetAt(utc - DAY, timeZone);
  const after = offsetAt(utc + DAY, timeZone);
  const right = [before, after].find((offset) => offsetAt(utc - offset, timeZone) === offset);
  return new Date(utc - (right ?? before));
};

/** RFC 3339 with the zone's offset at that instant, to the second. */
export const toRfc3339 = (instant: Date, timeZone: string): string => {
  const offset = offsetAt(instant.getTime(), timeZone);
  const local = new Date(instant.getTime() + offset).toISOString().slice(0, 19);
  const minutes = Math.abs(offset) / MINUTE;
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
};

/** Midnight at the start of the day `days` after a wall clock's. */
export const dayAfter = (wall: Wall, days: number): Wall => {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: 0, minute: 0 };
};

/** Day of the week, 0 for Sunday. */
export const weekdayOf = (wall: Wall): number => new Date(asUtc(wall)).getUTCDay();

/** `YYYY-MM-DD`. */
export const isoDate = (wall: Wall): string => new Date(asUtc(wall)).toISOString().slice(0, 10);
