/** A length of time found in a folded text, and where. */
export interface FoundDuration {
  minutes: number;
  from: number;
  to: number;
}

const COUNTS: Record<string, number> = {
  ...{ um: 1, uma: 1, un: 1, una: 1, a: 1, an: 1, one: 1 },
  ...{
    dois: 2,
    duas: 2,
    dos: 2,
    two: 2,
    tres: 3,
    three: 3,
    quinze: 15,
    fifteen: 15,
    trinta: 30,
    treinta: 30,
    thirty: 30,
  },
};
const COUNT = `\\d+(?:[.,]\\d+)?|${Object.keys(COUNTS).join('|')}`;
const HALF_HOUR = '(?:meia|media)\\s+hora|half\\s+(?:an\\s+)?hour';
const AND_HALF = '(?:\\s+(?:e|y|and)\\s+(?:meia|media|a\\s+half))';
const HOURS = `(?<hours>${COUNT})?\\s*-?\\s*(?:h|hs|hrs?|horas?|hours?)(?:(?<half>${AND_HALF})|(?:\\s*(?:e|y|and)?\\s*(?<rest>\\d{1,2})(?:\\s*m(?:in\\w*)?)?))?`;
const MINUTES = `(?<minutes>${COUNT})\\s*-?\\s*(?:min|mins|minutos?|minutes?)`;

const LENGTH = `(?:(?<halfHour>${HALF_HOUR})|${HOURS}|${MINUTES})(?![a-z0-9:])`;
const LASTS = new RegExp(
  `\\b(?:com\\s+duracao\\s+de|con\\s+duracion\\s+de|durante|lasting|por|for|(?<!\\bdentro\\s+)de)\\s+${LENGTH}|\\b\\d+\\s*-?\\s*(?:minute|min|hour)\\b(?=\\s+[a-z])`,
  'g',
);
const AHEAD = new RegExp(`\\b(?:daqui\\s+a|dentro\\s+de|em|en|in)\\s+${LENGTH}`, 'g');
const ADJECTIVE = new RegExp(LENGTH);

/** How long something lasts: `for 45 minutes`, `por uma hora e meia`, `de media hora`, `30-minute call`. */
export const findDuration = (folded: string): FoundDuration | undefined => read(folded, LASTS);

/** How far from now: `in 2 hours`, `daqui a 30 minutos`, `dentro de una hora`. */
export const findTimeAhead = (folded: string): FoundDuration | undefined => read(folded, AHEAD);

const read = (folded: string, pattern: RegExp): FoundDuration | undefined => {
  for (const match of folded.matchAll(pattern)) {
    const groups =
      (match.groups?.['halfHour'] ?? match.groups?.['hours'] ?? match.groups?.['minutes'])
        ? match.groups
        : (match[0].match(ADJECTIVE)?.groups ?? match.groups);
    const minutes = minutesOf(groups ?? {});
    if (minutes > 0) return { minutes, from: match.index, to: match.index + match[0].length };
  }
  return undefined;
};

const minutesOf = (groups: Record<string, string | undefined>): number => {
  if (groups['halfHour']) return 30;
  if (groups['minutes']) return Math.round(toCount(groups['minutes']));
  const hours = groups['hours'] ? toCount(groups['hours']) : groups['half'] ? 1 : 0;
  return Math.round(hours * 60) + (groups['half'] ? 30 : 0) + Number(groups['rest'] ?? 0);
};

const toCount = (text: string): number => COUNTS[text] ?? Number(text.replace(',', '.'));
