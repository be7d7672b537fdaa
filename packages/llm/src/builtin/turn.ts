import type { ChatMessage, ToolCall } from '../chat.ts';
import { draftEvent } from './event.draft.ts';
import { detectIntent } from './intent.ts';
import { languageOf } from './language.ts';
import type { Language } from './language.ts';
import { findRange } from './range.ts';
import { describeAbilities, REPLIES } from './replies.ts';
import type { Replies } from './replies.ts';
import { topicWords } from './terms.ts';
import { tellOutcome } from './tool.results.ts';
import type { ToolOutcome } from './tool.results.ts';
import type { Clock } from './when.ts';

/** What the built-in assistant does next: say something, or ask for one tool. */
export type Turn = { say: string } | { call: Pick<ToolCall, 'name' | 'arguments'> };

const SEARCH_LIMIT = 5;
const QUERY_LENGTH = 300;

/**
 * Decides the next turn from the conversation so far and the names of the tools that may be called. Answers of tools
 * that follow the last user message are told; otherwise that message is understood by rules.
 */
export const decideTurn = (messages: readonly ChatMessage[], tools: ReadonlySet<string>, clock: Clock): Turn => {
  const users = messages.filter((message) => message.role === 'user').map((message) => message.content);
  const asked = messages.findLastIndex((message) => message.role === 'user');
  const language = languageOf(users);
  const replies = REPLIES[language];
  const question = users.at(-1) ?? '';

  const outcomes = outcomesAfter(messages, asked);
  if (outcomes.length > 0) {
    const telling = { question, replies, timeZone: clock.timeZone };
    return { say: outcomes.map((outcome) => tellOutcome(outcome, telling)).join('\n\n') };
  }
  const before = messages[asked - 1];
  const waitsForTime =
    before?.role === 'assistant' && Object.values(REPLIES).some(({ askWhen }) => before.content.trim() === askWhen);
  if (waitsForTime && tools.has('create_event')) {
    const draft = draftEvent(`${users.at(-2) ?? ''} ${question}`, language, clock);
    if (draft) return { call: { name: 'create_event', arguments: { ...draft } } };
  }
  return understand(question, language, replies, tools, clock);
};

const understand = (
  question: string,
  language: Language,
  replies: Replies,
  tools: ReadonlySet<string>,
  clock: Clock,
): Turn => {
  const intent = detectIntent(question);
  const call = (args: Record<string, unknown>): Turn =>
    tools.has(intent)
      ? { call: { name: intent, arguments: args } }
      : { say: describeAbilities(replies, replies.cannot, tools) };
  switch (intent) {
    case 'create_event': {
      if (!tools.has(intent)) return call({});
      const draft = draftEvent(question, language, clock);
      return draft ? call({ ...draft }) : { say: replies.askWhen };
    }
    case 'list_events':
      return call(findRange(question, language, clock));
    case 'get_balance':
      return call({});
    case 'search_documents':
      return call({ query: topicWords(question).join(' ').slice(0, QUERY_LENGTH), limit: SEARCH_LIMIT });
    case 'thanks':
      return { say: replies.thanks };
    case 'greeting':
      return { say: describeAbilities(replies, replies.greeting, tools) };
    case 'identity':
    case 'help':
      return { say: describeAbilities(replies, replies.identity, tools) };
  }
};

/** The answered tool calls after a message, each with what was asked. */
const outcomesAfter = (messages: readonly ChatMessage[], index: number): ToolOutcome[] => {
  const recent = messages.slice(index + 1);
  const calls = recent.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []));
  return recent.flatMap((message) => {
    if (message.role !== 'tool') return [];
    const call = calls.find(({ id }) => id === message.toolCallId);
    return [
      {
        name: call?.name ?? '',
        arguments: call?.arguments ?? {},
        content: message.content,
        isError: message.isError ?? false,
      },
    ];
  });
};
