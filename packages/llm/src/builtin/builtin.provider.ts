import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChatEvent, ChatProvider, ChatRequest } from '../chat.ts';
import { decideTurn } from './turn.ts';
import type { Clock } from './when.ts';
import { isTimeZone } from './zone.ts';

/**
 * The assistant that needs no key and no network. It is no model: fixed rules in Portuguese, Spanish and English choose
 * among the tools `search_documents`, `create_event`, `list_events` and `get_balance`, and put their answers in words.
 * It never claims to be more. Times need `request.context`; without it they are read in UTC.
 */
export const createBuiltinProvider = (options: { now?: () => Date; newId?: () => string } = {}): ChatProvider => {
  const name = 'builtin';
  const now = options.now ?? (() => new Date());
  const newId = options.newId ?? randomUUID;
  return {
    name,
    async *stream(request, { signal } = {}): AsyncGenerator<ChatEvent> {
      signal?.throwIfAborted();
      const tools = new Set((request.tools ?? []).map((tool) => tool.name));
      const turn = decideTurn(request.messages, tools, clockOf(request, now));
      let output: string;
      if ('call' in turn) {
        output = turn.call.name + JSON.stringify(turn.call.arguments);
        yield { type: 'tool_call', id: `call_${newId()}`, ...turn.call };
      } else {
        output = turn.say;
        for (const word of turn.say.match(/\s*\S+|\s+$/g) ?? []) {
          yield { type: 'text', text: word };
          // Lets other work run between words, and an abort arrive.
          await nextTurn();
          signal?.throwIfAborted();
        }
      }
      yield { type: 'usage', provider: name, model: request.model, ...usageOf(request, output) };
      yield { type: 'finish', reason: 'call' in turn ? 'tool_calls' : 'stop' };
    },
  };
};

const clockOf = ({ context }: ChatRequest, now: () => Date): Clock => ({
  now: context?.now ?? now(),
  timeZone: context && isTimeZone(context.timeZone) ? context.timeZone : 'UTC',
});

/** There are no tokens here; four letters to one is the usual rule of thumb. */
const usageOf = (request: ChatRequest, output: string) => {
  const letters = request.messages.reduce((sum, message) => sum + message.content.length, request.system?.length ?? 0);
  return {
    inputTokens: Math.ceil(letters / 4),
    cachedInputTokens: 0,
    outputTokens: Math.ceil(output.length / 4),
    estimated: true,
  };
};
