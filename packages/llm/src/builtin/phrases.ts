import type { Language } from './language.ts';
import { dayAfter, isoDate, weekdayOf } from './zone.ts';
import type { Wall } from './zone.ts';

/** One way to say a date or a time, and the English chrono reads well. `undefined` leaves the words as they are. */
interface Phrase {
  pattern: RegExp;
  english: (match: RegExpMatchArray, today: Wall) => string | undefined;
}

const MONTHS =
  'jan(?:eiro)?|enero|feb(?:rero)?|fev(?:ereiro)?|mar(?:co|zo)?|abr(?:il)?|mai(?:o)?|mayo|jun(?:ho|io)?|jul(?:ho|io)?|ago(?:sto)?|set(?:embro)?|sep(?:tiembre)?|out(?:ubro)?|oct(?:ubre)?|nov(?:embro|iembre)?|dez(?:embro)?|dic(?:iembre)?';
const MONTH_BY_START: Record<string, number> = {
  ...{ jan: 1, ene: 1, feb: 2, fev: 2, mar: 3, abr: 4, mai: 5, may: 5, jun: 6, jul: 7, ago: 8, set: 9, sep: 9 },
  ...{ out: 10, oct: 10, nov: 11, dez: 12, dic: 12 },
};
const WEEKDAY_BY_START: Record<string, number> = {
  ...{ dom: 0, seg: 1, lun: 1, ter: 2, mar: 2, qua: 3, mie: 3, qui: 4, jue: 4, sex: 5, vie: 5, sab: 6 },
};
const HOUR_WORDS: Record<string, number> = {
  ...{ uma: 1, una: 1, duas: 2, dos: 2, tres: 3, quatro: 4, cuatro: 4, cinco: 5, seis: 6, sete: 7, siete: 7 },
  ...{ oito: 8, ocho: 8, nove: 9, nueve: 9, dez: 10, diez: 10, onze: 11, once: 11, doze: 12, doce: 12 },
};

const HOUR = `\\d{1,2}|${Object.keys(HOUR_WORDS).join('|')}`;
const MINUTE = '(?:\\s*[:h]\\s*(\\d{2})|\\s+(?:e|y)\\s+(meia|media|cuarto|quinze|trinta|treinta))?';
const UNIT = '\\s*(h(?:oras?|rs|s)?\\b)?';
const HALF = '(?:\\s+e\\s+(meia))?';
const PART =
  '(?:\\s*(?:da|de\\s+la|de|por\\s+la|pela)\\s+(manha|manana|madrugada|tarde|noite|noche)\\b|\\s*([ap])\\.?m\\b\\.?)?';
const CLOCK = `(${HOUR})${MINUTE}${UNIT}${HALF}${PART}`;
const FROM = '(?:a\\s+las?|as|a|desde\\s+las?|das|da|de\\s+las?|de|entre\\s+(?:as|las?))';
const TO = '(?:as|ate\\s+as|ate|a\\s+las?|a|hasta\\s+las?|y\\s+las?|e\\s+as|-)';
// `as 15 pessoas` are fifteen people, not three o'clock.
const NO_THINGS = '(?!\\s*(?!(?:nas|nos|das|dos|las|los|mas|depois)\\b)[a-z]+s\\b)(?!\\s*%)(?![\\d/:])';

const SHARED: Phrase[] = [
  { pattern: /\b(?:depois\s+de\s+amanha|pasado\s+manana)\b/y, english: (_, today) => isoDate(dayAfter(today, 2)) },
  {
    pattern: /\b(?:n?o\s+|el\s+)?(?:dia\s+)?(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b(?![/:])/y,
    english: (match, today) => date(today, Number(match[1]), Number(match[2]), match[3]),
  },
  {
    pattern: new RegExp(
      `\\b(?:n?o\\s+|el\\s+)?(?:dia\\s+)?(\\d{1,2})[oº]?\\s+(?:de\\s+)?(${MONTHS})\\b(?:\\s+del?\\s+(\\d{4}))?`,
      'y',
    ),
    english: (match, today) => date(today, Number(match[1]), MONTH_BY_START[match[2]!.slice(0, 3)]!, match[3]),
  },
  {
    pattern: /\b(?:no\s+dia|el\s+dia|dia|el)\s+(\d{1,2})\b(?![/.:-]?\d|\s*(?:%|h\b))/y,
    english: (match, today) => dayOfMonth(today, Number(match[1])),
  },
  {
    pattern: /\b(?:daqui\s+a|dentro\s+de|em|en)\s+(\d+|um|uma|una|dois|duas|dos|tres)\s+(dias?|semanas?)\b/y,
    english: (match, today) => {
      const count = { um: 1, uma: 1, una: 1, dois: 2, duas: 2, dos: 2, tres: 3 }[match[1]!] ?? Number(match[1]);
      return isoDate(dayAfter(today, count * (match[2]!.startsWith('s') ? 7 : 1)));
    },
  },
  {
    pattern:
      /\b(?:(?:n[ao]|el|la|de|d[ao])\s+)?(?:(?:proxim[ao]|nesta|neste|est[ae])\s+)?(segunda|terca|quarta|quinta|sexta|sabado|domingo|lunes|martes|miercoles|jueves|viernes)(?:-feira|\s+feira)?(?:\s+(?:que\s+(?:vem|viene)|proxim[ao]))?\b(?!\s+(?:vez|parte|fase|via|etapa|versao|version|rodada|edicao|reuniao|reunion|pessoa|pagina|opcao|opcion))/y,
    english: (match, today) => comingWeekday(today, WEEKDAY_BY_START[match[1]!.slice(0, 3)]!),
  },
  {
    pattern: new RegExp(`\\b${FROM}\\s+${CLOCK}\\s+${TO}\\s+${CLOCK}${NO_THINGS}`, 'y'),
    english: (match) => {
      const [from, to] = [clock(match, 1), clock(match, 8)];
      if (!from || !to) return undefined;
      // `de las 2 a las 4 de la tarde`: what is said of the end holds for the start.
      const start =
        to.hour >= 12 && from.hour < 12 && !from.sure && from.hour + 12 <= to.hour ? from.hour + 12 : from.hour;
      return `from ${time(start, from.minute)} to ${time(to.hour, to.minute)}`;
    },
  },
  { pattern: /\b(?:ao?\s+)?(?:meio[- ]dia|mediodia)\b|\bal\s+mediodia\b/y, english: () => 'at 12:00' },
  { pattern: /\b(?:a\s+)?(?:meia[- ]noite|medianoche)\b/y, english: () => 'at 0:00' },
  {
    pattern: new RegExp(`\\b(?:a\\s+partir\\s+d?as|a\\s+las?|as|a|pelas)\\s+${CLOCK}${NO_THINGS}`, 'y'),
    english: (match) => toAt(match),
  },
  {
    pattern: new RegExp(`\\b(\\d{1,2})(?:[:h](\\d{2})|(?=\\s*h))()${UNIT}()${PART}`, 'y'),
    english: (match) => toAt(match),
  },
  {
    pattern: new RegExp(`\\b(${HOUR})()()()()\\s*(?:da|de\\s+la)\\s+(manha|manana|tarde|noite|noche)()\\b`, 'y'),
    english: (match) => toAt(match),
  },
  { pattern: /\b(?:de\s+|para\s+)?(?:hoje|hoy)\b/y, english: (_, today) => isoDate(today) },
  { pattern: /\b(?:de\s+)?amanha\b/y, english: (_, today) => isoDate(dayAfter(today, 1)) },
  // In Spanish the same word is the morning: `por la mañana`.
  { pattern: /(?<!\b(?:la|esta)\s)\b(?:de\s+)?manana\b/y, english: (_, today) => isoDate(dayAfter(today, 1)) },
  {
    pattern: /\b(?:n?a\s+)?(?:semana\s+que\s+vem|proxima\s+semana|semana\s+que\s+viene)\b/y,
    english: (_, today) => isoDate(dayAfter(today, 7)),
  },
];

const ENGLISH: Phrase[] = [
  { pattern: /\b(?:the\s+)?day\s+after\s+tomorrow\b/y, english: (_, today) => isoDate(dayAfter(today, 2)) },
  {
    // Month first, as in the United States, unless it cannot be a month.
    pattern: /\b(\d{1,2})\/(\d{1,2})(?:\/(\d{4}|\d{2}))?\b/y,
    english: (match, today) => {
      const [first, second] = [Number(match[1]), Number(match[2])];
      return first > 12 ? date(today, first, second, match[3]) : date(today, second, first, match[3]);
    },
  },
];

/** The phrases of a language; they expect folded text and match where they are tried. */
export const phrasesOf = (language: Language): readonly Phrase[] => (language === 'en' ? ENGLISH : SHARED);

const toAt = (match: RegExpMatchArray): string | undefined => {
  const found = clock(match, 1);
  return found && `at ${time(found.hour, found.minute)}`;
};

const MINUTE_WORDS: Record<string, number> = { meia: 30, media: 30, cuarto: 15, quinze: 15, trinta: 30, treinta: 30 };

/** Reads the groups of CLOCK from `at` on. `sure` when it cannot mean the other half of the day. */
const clock = (match: RegExpMatchArray, at: number) => {
  const [hourText, digits, word, , half, part, meridiem] = match.slice(at, at + 7);
  let hour = HOUR_WORDS[hourText ?? ''] ?? Number(hourText);
  const minute = Number(digits || (MINUTE_WORDS[word ?? ''] ?? (half ? 30 : 0)));
  const late = part === 'tarde' || part === 'noite' || part === 'noche' || meridiem === 'p';
  const early = part === 'manha' || part === 'manana' || part === 'madrugada' || meridiem === 'a';
  if (late && hour < 12) hour += 12;
  if (early && hour === 12) hour = 0;
  // Few people meet between one and six at night; who does, writes 03:00 or says so.
  const bare = !late && !early && !hourText?.startsWith('0');
  if (bare && hour >= 1 && hour <= 6) hour += 12;
  return hour > 23 || minute > 59 ? undefined : { hour, minute, sure: late || early || hour >= 12 };
};

const time = (hour: number, minute: number): string =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

/** The date, this year or the next time it comes; undefined when there is no such day. */
const date = (today: Wall, day: number, month: number, yearText: string | undefined): string | undefined => {
  const given = yearText === undefined ? undefined : Number(yearText.length === 2 ? `20${yearText}` : yearText);
  const make = (year: number) => isoDate({ year, month, day, hour: 0, minute: 0 });
  const year = given ?? (make(today.year) < isoDate(today) ? today.year + 1 : today.year);
  const wall = new Date(Date.UTC(year, month - 1, day));
  return month >= 1 && month <= 12 && wall.getUTCDate() === day ? make(year) : undefined;
};

const dayOfMonth = (today: Wall, day: number): string | undefined => {
  const month = day < today.day ? (today.month % 12) + 1 : today.month;
  return date(today, day, month, undefined);
};

const comingWeekday = (today: Wall, weekday: number): string => {
  const ahead = (weekday - weekdayOf(today) + 7) % 7;
  return isoDate(dayAfter(today, ahead === 0 ? 7 : ahead));
};
