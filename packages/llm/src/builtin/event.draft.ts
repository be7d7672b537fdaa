import type { Language } from './language.ts';
import { foldInPlace } from './terms.ts';
import { findWhen } from './when.ts';
import type { Clock } from './when.ts';

/** The arguments of the `create_event` tool; times are RFC 3339 with offset. */
export interface EventDraft {
  title: string;
  startsAt: string;
  endsAt: string;
  timeZone: string;
  attendees?: string[];
  location?: string;
}

const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const QUOTED = /["“«']([^"”»']{2,120})["”»']/;
// Folded, like the text they are tried on.
const NAMED = /\b(?:chamad[oa]|intitulad[oa]|com o titulo|llamad[oa]|titulad[oa]|con el titulo|called|titled|named)\s+/;
const PLACE =
  /\b(?:na|no|em|en la|en el|en|in the|in|at the|at|on)\s+((?:sala|room|auditorio|escritorio|oficina|office|cafe|restaurante|restaurant|zoom|google meet|meet|teams|jitsi|discord)\b(?:\s+(?:de reuniao|de reunioes|de reuniones|\d+|[a-z]\b))*)/;
const COMMAND =
  /^\W*(?:(?:por favor|please|voce pode|voce poderia|pode|poderia|puedes|podrias|can you|could you|quero|quiero|preciso|necesito|i want to|i need to|i would like to)\W+)*(?:marca|marque|marcar|agenda|agende|agendar|agendame|crie|cria|criar|crea|cree|crear|programa|programe|programar|coloque|coloca|ponha|pon|anota|anote|schedule|book|create|add|set up|arrange|plan|put)(?:\s+(?:me|para mim|para mi|na agenda|na minha agenda|en mi agenda|in my calendar))?(?:\s+|$)/;
const ARTICLE = /^(?:uma?|una?|o|a|el|la|the|an|new|nova?|nuev[oa])\s+/;
const EDGE =
  /^(?:\W|_)+|(?:(?:\s|^)(?:com|con|with|para|pra|for|a|as|de|do|da|del|on|at|from|in|em|en|no|na|el|la|e|y|and|to|por|by|my|minha|mi|calendar|por favor|please)|[\s,.;:!?–-])+$/;
const USUAL_TITLE: Record<Language, string> = { pt: 'Reunião', es: 'Reunión', en: 'Meeting' };

/** What an order to make an event says. Undefined when it names no time: then one has to ask. */
export const draftEvent = (order: string, language: Language, clock: Clock): EventDraft | undefined => {
  const text = order.normalize('NFC').trim();
  const attendees = [...new Set(text.match(EMAIL) ?? [])];
  const quoted = QUOTED.exec(text)?.[1]?.trim();
  const unquoted = quoted ? text.replace(QUOTED, ' ') : text;
  const when = findWhen(unquoted.replace(EMAIL, ' '), language, clock);
  if (!when?.startsAt || !when.endsAt) return undefined;

  const place = PLACE.exec(foldInPlace(when.rest));
  const location = place
    ? when.rest.slice(place.index + place[0].length - place[1]!.length, place.index + place[0].length)
    : undefined;
  const wording = place
    ? `${when.rest.slice(0, place.index)} ${when.rest.slice(place.index + place[0].length)}`
    : when.rest;
  return {
    title: quoted ?? (titleOf(wording) || USUAL_TITLE[language]),
    startsAt: when.startsAt,
    endsAt: when.endsAt,
    timeZone: clock.timeZone,
    ...(attendees.length > 0 ? { attendees } : {}),
    ...(location ? { location: location.trim() } : {}),
  };
};

/** What remains of the order once its verb, time and place are gone. */
const titleOf = (wording: string): string => {
  const named = NAMED.exec(foldInPlace(wording));
  let title = named ? wording.slice(named.index + named[0].length) : cut(wording, COMMAND);
  title = cut(title.trim(), ARTICLE);
  for (let before = ''; before !== title;) {
    before = title;
    title = cut(title.replace(/\s+/g, ' ').trim(), EDGE);
  }
  title = title
    .replace(/\s+([,.;:])/g, '$1')
    .slice(0, 120)
    .trim();
  return title.charAt(0).toUpperCase() + title.slice(1);
};

/** Cuts what a folded pattern matches at one end or the other. */
const cut = (text: string, pattern: RegExp): string => {
  const match = pattern.exec(foldInPlace(text));
  return match && match[0] !== '' ? text.slice(0, match.index) + text.slice(match.index + match[0].length) : text;
};
