import { casual } from 'chrono-node/en';
import type { ParsedComponents, ParsedResult } from 'chrono-node';
import { findDuration, findTimeAhead } from './duration.ts';
import type { Language } from './language.ts';
import { foldInPlace } from './terms.ts';
import { translateTimes } from './translation.ts';
import { dayAfter, instantOf, toRfc3339, wallAt } from './zone.ts';
import type { Wall } from './zone.ts';

export interface Clock {
  now: Date;
  /** IANA zone the words are meant in. */
  timeZone: string;
}

export interface When {
  /** RFC 3339 with offset; undefined when the text names a day but no time. */
  startsAt: string | undefined;
  endsAt: string | undefined;
  /** The start of the day that was named. */
  day: Wall | undefined;
  /** The text without its words about time. */
  rest: string;
}

type Span = readonly [from: number, to: number];

const DEFAULT_MINUTES = 30;
const MINUTE = 60_000;
const HOUR_OF_PART = { morning: 9, afternoon: 15, evening: 19 };
type PartOfDay = keyof typeof HOUR_OF_PART;

const PARTS: readonly (readonly [RegExp, PartOfDay])[] = [
  [
    /\b(?:de|pela|esta|nesta|na|por\s+la|en\s+la)\s+(?:manha|manana)\b|\b(?:in\s+the\s+|this\s+|(?<=(?:tomorrow|day)\s))morning\b/,
    'morning',
  ],
  [
    /\b(?:de|a|pela|esta|nesta|na|por\s+la|en\s+la)\s+tarde\b|\b(?:in\s+the\s+|this\s+|(?<=(?:tomorrow|day)\s))afternoon\b/,
    'afternoon',
  ],
  [
    /\b(?:de|a|pela|esta|nesta|na|por\s+la|en\s+la)\s+(?:noite|noche)\b|\b(?:in\s+the\s+|this\s+|(?<=(?:tomorrow|day)\s))(?:evening|night)\b|\btonight\b/,
    'evening',
  ],
];

/**
 * Finds when something is to happen in a sentence: `tomorrow at 15:00`, `amanhã às 15h`, `el próximo martes a las 10 por
 * 45 minutos`. Without an end or a length it lasts half an hour. Undefined when the text says nothing of time.
 */
export const findWhen = (sentence: string, language: Language, { now, timeZone }: Clock): When | undefined => {
  const source = sentence.normalize('NFC');
  const spans: Span[] = [];
  // What was understood is blanked, so that nothing is read twice and every place keeps its number.
  let folded = foldInPlace(source);
  const take = (from: number, to: number) => {
    spans.push([from, to]);
    folded = folded.slice(0, from) + ' '.repeat(to - from) + folded.slice(to);
  };

  const duration = findDuration(folded);
  if (duration) take(duration.from, duration.to);
  const ahead = findTimeAhead(folded);
  if (ahead) take(ahead.from, ahead.to);

  const today = wallAt(now, timeZone);
  const { text, from } = translateTimes(folded, language, today);
  const dayPart = ahead ? undefined : partOfDay(text, from);
  if (dayPart) spans.push(dayPart.span);
  const read = ahead ? [] : readTimes(dayPart ? dayPart.without : text, today);
  for (const result of read) spans.push([from[result.index]!, from[result.index + result.text.length]!]);

  if (!ahead && read.length === 0 && !dayPart) return undefined;
  const range = ahead ? startingIn(ahead.minutes, now) : toInstants(read, dayPart?.part, { now, timeZone }, today);
  const day = read.find(namesDay)?.start;
  const end = range && (range.end ?? new Date(range.start.getTime() + (duration?.minutes ?? DEFAULT_MINUTES) * MINUTE));
  return {
    startsAt: range && toRfc3339(range.start, timeZone),
    endsAt: end && toRfc3339(end, timeZone),
    day: day && { year: day.get('year')!, month: day.get('month')!, day: day.get('day')!, hour: 0, minute: 0 },
    rest: without(source, spans),
  };
};

const partOfDay = (text: string, from: number[]) => {
  for (const [pattern, part] of PARTS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const end = match.index + match[0].length;
    const blank = text.slice(0, match.index) + ' '.repeat(match[0].length) + text.slice(end);
    return { part, without: blank, span: [from[match.index]!, from[end]!] as Span };
  }
  return undefined;
};

/** Reads with the wall clock as the machine's own time, so the machine's zone plays no part. */
const readTimes = (text: string, today: Wall): ParsedResult[] => {
  const reference = new Date(today.year, today.month - 1, today.day, today.hour, today.minute);
  return casual.parse(text, reference, { forwardDate: true });
};

const startingIn = (minutes: number, now: Date): { start: Date; end?: Date } => ({
  start: new Date(Math.ceil((now.getTime() + minutes * MINUTE) / MINUTE) * MINUTE),
});

const namesDay = ({ start }: ParsedResult) => start.isCertain('day') || start.isCertain('weekday');

/** The first day and the first time of day that were read, together. */
const toInstants = (read: ParsedResult[], part: PartOfDay | undefined, { now, timeZone }: Clock, today: Wall) => {
  const day = read.find(namesDay);
  const time = read.find(({ start }) => start.isCertain('hour'));
  if (!time && !part) return undefined;
  const date = day ? day.start : undefined;
  const place = (components: ParsedComponents | undefined, hour: number, base?: Wall): Wall => ({
    year: base?.year ?? date?.get('year') ?? today.year,
    month: base?.month ?? date?.get('month') ?? today.month,
    day: base?.day ?? date?.get('day') ?? today.day,
    hour,
    minute: components?.get('minute') ?? 0,
  });
  const instant = (components: ParsedComponents, wall: Wall): Date => {
    const offset = components.isCertain('timezoneOffset') ? components.get('timezoneOffset') : null;
    if (offset === null) return instantOf(wall, timeZone);
    return new Date(Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) - offset * MINUTE);
  };

  let wall = place(time?.start, time ? likelyHour(time.start, time.text, part) : HOUR_OF_PART[part!]);
  let start = time ? instant(time.start, wall) : instantOf(wall, timeZone);
  if (!day && start <= now) {
    wall = { ...dayAfter(wall, 1), hour: wall.hour, minute: wall.minute };
    start = time ? instant(time.start, wall) : instantOf(wall, timeZone);
  }
  if (!time?.end) return { start };
  const endHour = likelyHour(time.end, time.text, part);
  const sameDay = instant(time.end, place(time.end, endHour, wall));
  return { start, end: sameDay > start ? sameDay : instant(time.end, place(time.end, endHour, dayAfter(wall, 1))) };
};

/** Few people meet between one and six at night: without a word or a leading zero those hours are the afternoon's. */
const likelyHour = (components: ParsedComponents, text: string, part: PartOfDay | undefined): number => {
  const hour = components.get('hour') ?? 0;
  if (components.isCertain('meridiem') || hour === 0 || hour >= 12) return hour;
  if (part === 'afternoon' || part === 'evening') return hour + 12;
  if (part === 'morning' || new RegExp(`\\b0${hour}\\b`).test(text)) return hour;
  return hour <= 6 ? hour + 12 : hour;
};

const without = (source: string, spans: Span[]): string => {
  let rest = source;
  for (const [from, to] of spans.toSorted((a, b) => b[0] - a[0])) rest = `${rest.slice(0, from)} ${rest.slice(to)}`;
  return rest.replace(/\s+/g, ' ').trim();
};
