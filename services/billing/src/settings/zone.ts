/** A day of a calendar, without a zone: `2026-11-21`. */
export type LocalDate = string;

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(zone, made);
  return made;
};

/** Whether it is an IANA time zone that this machine knows. */
export const isTimeZone = (zone: string): boolean => {
  try {
    return formatOf(zone) !== undefined && /^[A-Z]/.test(zone);
  } catch {
    return false;
  }
};

/** The day that the calendar on a wall in that zone shows at a moment. */
export const localDateOf = (at: Date, zone: string): LocalDate => formatOf(zone).format(at);

const DAY_SECONDS = 86_400;
/** No zone is further from UTC than this. */
const FURTHEST_SECONDS = 16 * 3_600;

const partsOf = (date: LocalDate): [number, number, number] => {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  return [year, month, day];
};
const utcOf = (date: LocalDate): number => {
  const [year, month, day] = partsOf(date);
  return Date.UTC(year, month - 1, day);
};
const write = (ms: number): LocalDate => new Date(ms).toISOString().slice(0, 10);

/**
 * The first moment of a day in a zone, to the second. It is looked for rather than computed from an offset, so it is
 * right when clocks change, also where midnight itself is skipped and the day begins at one.
 */
export const startOfDay = (date: LocalDate, zone: string): Date => {
  const guess = utcOf(date) / 1000;
  let before = guess - FURTHEST_SECONDS - DAY_SECONDS;
  let reached = guess + FURTHEST_SECONDS;
  while (reached - before > 1) {
    const middle = Math.floor((before + reached) / 2);
    if (localDateOf(new Date(middle * 1000), zone) >= date) reached = middle;
    else before = middle;
  }
  return new Date(reached * 1000);
};

export const addDays = (date: LocalDate, days: number): LocalDate => write(utcOf(date) + days * DAY_SECONDS * 1000);

/** The same day some months later; the last of the month where it has no such day: 31 January → 28 February. */
export const addMonths = (date: LocalDate, months: number): LocalDate => {
  const [year, month, day] = partsOf(date);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return write(Date.UTC(year, month - 1 + months, Math.min(day, last)));
};

export type PeriodKind = 'daily' | 'monthly';

/** A stretch of time: from its start, up to but without its end. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

/** The day or calendar month of a zone that a moment falls into. */
export const periodAt = (kind: PeriodKind, zone: string, at: Date): Period => {
  const today = localDateOf(at, zone);
  const first = kind === 'daily' ? today : `${today.slice(0, 8)}01`;
  const next = kind === 'daily' ? addDays(first, 1) : addMonths(first, 1);
  return { start: startOfDay(first, zone), end: startOfDay(next, zone) };
};
