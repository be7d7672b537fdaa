import { z } from 'zod';
import { pickSentences } from './answer.ts';
import type { Replies } from './replies.ts';

/** What a tool answered, and what had been asked of it. */
export interface ToolOutcome {
  name: string;
  arguments: Record<string, unknown>;
  content: string;
  isError: boolean;
}

interface Telling {
  question: string;
  replies: Replies;
  timeZone: string;
}

// Tools may say more than this; what is not needed here is passed over.
const SearchResults = z.object({
  results: z.array(
    z.object({ title: z.string(), page: z.number().nullish(), heading: z.string().nullish(), text: z.string() }),
  ),
});
const Event = z.object({
  title: z.string(),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  timeZone: z.string().nullish(),
  location: z.string().nullish(),
  attendees: z.array(z.string()).nullish(),
});
const CreatedEvent = z.union([Event, z.object({ event: Event }).transform(({ event }) => event)]);
const Events = z.union([
  z.object({ events: z.array(Event) }).transform(({ events }) => events),
  z.object({ data: z.array(Event) }).transform(({ data }) => data),
  z.array(Event),
]);
/** Amounts in micro-units of the currency. */
const Balance = z.object({ available: z.number(), held: z.number().default(0), currency: z.string().default('USD') });
const Failure = z.union([
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

const NEAREST = 3;
const MICRO = 1_000_000;

/** Says in words what a tool answered. */
export const tellOutcome = (outcome: ToolOutcome, telling: Telling): string => {
  const { replies } = telling;
  const json = readJson(outcome.content);
  const failure = Failure.safeParse(json);
  if (outcome.isError || failure.success) {
    const plain = json === undefined ? outcome.content.trim() : '';
    return replies.failed((failure.success ? failure.data : plain) || replies.noReason);
  }
  const teller = TELLERS[outcome.name];
  return teller?.(json, telling) ?? replies.done;
};

type Teller = (json: unknown, telling: Telling) => string | undefined;

const tellSearch: Teller = (json, { question, replies }) => {
  const parsed = SearchResults.safeParse(json);
  if (!parsed.success) return undefined;
  const { results } = parsed.data;
  if (results.length === 0) return replies.nothingFound;
  const passages = results.map((result) => ({
    title: [result.title, result.heading].filter(Boolean).join(' '),
    page: result.page ?? null,
    text: result.text,
  }));
  const name = (mark: number): string => {
    const result = results[mark - 1]!;
    return `[${mark}] ${result.title}${result.page ? `, ${replies.page} ${result.page}` : ''}`;
  };
  const citations = pickSentences(question, passages);
  if (citations.length === 0) {
    return `${replies.nothingFits}\n${results
      .slice(0, NEAREST)
      .map((_, index) => name(index + 1))
      .join('\n')}`;
  }
  const sentences = citations.map(({ sentence, mark }) => `${sentence} [${mark}]`);
  const marks = [...new Set(citations.map(({ mark }) => mark))];
  const body = sentences.length === 1 ? sentences[0] : sentences.map((sentence) => `- ${sentence}`).join('\n');
  return `${replies.found}\n\n${body}\n\n${replies.source}\n${marks.map(name).join('\n')}`;
};

const tellCreated: Teller = (json, { replies, timeZone }) => {
  const event = CreatedEvent.safeParse(json);
  if (!event.success) return undefined;
  const { title, startsAt, endsAt, location, attendees } = event.data;
  const zone = event.data.timeZone ?? timeZone;
  const lines = [
    replies.created(title, day(startsAt, zone, replies), hour(startsAt, zone, replies), hour(endsAt, zone, replies)),
  ];
  if (location) lines.push(`${replies.place} ${location}.`);
  if (attendees?.length) lines.push(`${replies.guests} ${attendees.join(', ')}.`);
  return lines.join(' ');
};

const tellEvents: Teller = (json, { replies, timeZone }) => {
  const events = Events.safeParse(json);
  if (!events.success) return undefined;
  if (events.data.length === 0) return replies.noEvents;
  const lines = events.data.map(
    ({ title, startsAt, endsAt }) =>
      `- ${day(startsAt, timeZone, replies)}, ${hour(startsAt, timeZone, replies)}–${hour(endsAt, timeZone, replies)}: ${title}`,
  );
  return `${replies.events}\n${lines.join('\n')}`;
};

const tellBalance: Teller = (json, { replies }) => {
  const balance = Balance.safeParse(json);
  if (!balance.success) return undefined;
  const { available, held, currency } = balance.data;
  const amount = (micro: number) =>
    new Intl.NumberFormat(replies.locale, { style: 'currency', currency, maximumFractionDigits: 2 }).format(
      micro / MICRO,
    );
  return held > 0
    ? `${replies.balance(amount(available))} ${replies.held(amount(held))}`
    : replies.balance(amount(available));
};

const TELLERS: Partial<Record<string, Teller>> = {
  search_documents: tellSearch,
  create_event: tellCreated,
  list_events: tellEvents,
  get_balance: tellBalance,
};

const day = (instant: string, timeZone: string, { locale }: Replies): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone }).format(new Date(instant));

const hour = (instant: string, timeZone: string, { locale }: Replies): string =>
  new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone }).format(
    new Date(instant),
  );

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
