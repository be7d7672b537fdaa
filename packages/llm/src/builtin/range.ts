import type { Language } from './language.ts';
import { fold } from './terms.ts';
import { findWhen } from './when.ts';
import type { Clock } from './when.ts';
import { dayAfter, instantOf, toRfc3339, wallAt, weekdayOf } from './zone.ts';
import type { Wall } from './zone.ts';

const NEXT_WEEK = /\b(?:proxima semana|semana que (?:vem|viene)|next week)\b/;
const THIS_WEEK = /\b(?:(?:d?esta|nesta|d?essa|nessa|da|na) semana|(?:this|the) week)\b/;
const THIS_MONTH = /\b(?:(?:d?este|neste|d?esse|nesse|do) mes|(?:this|the) month)\b/;
const USUAL_DAYS = 7;

/** The days a question about the calendar means, as RFC 3339; the coming seven when it names none. */
export const findRange = (question: string, language: Language, clock: Clock): { from: string; to: string } => {
  const { timeZone } = clock;
  const today = { ...wallAt(clock.now, timeZone), hour: 0, minute: 0 };
  const days = (start: Wall, count: number) => ({
    from: toRfc3339(instantOf(start, timeZone), timeZone),
    to: toRfc3339(instantOf(dayAfter(start, count), timeZone), timeZone),
  });
  const folded = fold(question);
  // A week begins on Monday (ISO 8601).
  const toMonday = (8 - weekdayOf(today)) % 7 || 7;
  if (NEXT_WEEK.test(folded)) return days(dayAfter(today, toMonday), 7);
  if (THIS_WEEK.test(folded)) return days(today, toMonday);
  if (THIS_MONTH.test(folded))
    return days(today, new Date(Date.UTC(today.year, today.month, 0)).getUTCDate() - today.day + 1);
  const day = findWhen(question, language, clock)?.day;
  return day ? days(day, 1) : days(today, USUAL_DAYS);
};
