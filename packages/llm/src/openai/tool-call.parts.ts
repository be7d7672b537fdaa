import type { ToolCall } from '../chat.ts';
import { parseToolArguments } from '../tool.arguments.ts';

/** A piece of a tool call as OpenAI-compatible servers stream it (Chat Completions, `delta.tool_calls[]`). */
export interface ToolCallPart {
  index?: number | null;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | Record<string, unknown> | null } | null;
}

interface Assembling {
  index: number | undefined;
  id: string;
  name: string;
  text: string;
}

/**
 * Puts streamed tool calls together. Parts belong together by `index`; servers that leave it out send whole calls, or
 * continue the last one when the part has no id of its own.
 */
export const createToolCallAssembly = () => {
  const calls: Assembling[] = [];

  const find = (part: ToolCallPart): Assembling | undefined => {
    if (typeof part.index === 'number') return calls.find((call) => call.index === part.index);
    if (part.id) return calls.find((call) => call.id === part.id);
    return part.function?.name ? undefined : calls.at(-1);
  };

  return {
    add(part: ToolCallPart): void {
      let call = find(part);
      if (!call) {
        call = { index: part.index ?? undefined, id: '', name: '', text: '' };
        calls.push(call);
      }
      if (part.id) call.id = part.id;
      if (part.function?.name) call.name = part.function.name;
      const piece = part.function?.arguments;
      if (piece) call.text += typeof piece === 'string' ? piece : JSON.stringify(piece);
    },

    /** The complete calls, in the order they began. A call without an id gets one from its place. */
    finish(): ToolCall[] {
      return calls
        .filter((call) => call.name !== '')
        .map((call, place) => ({ id: call.id || `call_${place}`, name: call.name, ...parseToolArguments(call.text) }));
    },
  };
};
