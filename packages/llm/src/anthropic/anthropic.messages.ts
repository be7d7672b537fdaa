import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage, ChatRequest } from '../chat.ts';

/** The Messages API requires a limit; this is what is asked for when the request has none. */
const DEFAULT_OUTPUT_TOKENS = 4096;

/**
 * The body of POST /v1/messages for a request. The API version the client speaks (2026-10-21) refuses sampling
 * parameters, so `temperature` is left out.
 */
export const toMessagesBody = (request: ChatRequest): MessageCreateParamsStreaming => ({
  model: request.model,
  max_tokens: request.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS,
  messages: toMessages(request.messages),
  stream: true,
  ...(request.system ? { system: request.system } : {}),
  ...(request.tools?.length
    ? {
        tools: request.tools.map((tool) => ({
          name: tool.name,
          description: tool.description,
          input_schema: { ...tool.parameters, type: 'object' } satisfies Tool.InputSchema,
        })),
      }
    : {}),
});

/** Tool answers are blocks of a user message here, and all answers to one turn must share the message. */
const toMessages = (messages: ChatMessage[]): MessageParam[] => {
  const merged: { role: 'user' | 'assistant'; content: ContentBlockParam[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = merged.at(-1);
    if (last?.role === role) last.content.push(...toBlocks(message));
    else merged.push({ role, content: toBlocks(message) });
  }
  return merged.filter((message) => message.content.length > 0);
};

const toBlocks = (message: ChatMessage): ContentBlockParam[] => {
  if (message.role === 'tool') {
    return [
      {
        type: 'tool_result',
        tool_use_id: message.toolCallId,
        content: message.content,
        ...(message.isError ? { is_error: true } : {}),
      },
    ];
  }
  // An empty text block is refused.
  const text: ContentBlockParam[] = message.content.trim() === '' ? [] : [{ type: 'text', text: message.content }];
  if (message.role === 'user') return text;
  const calls = (message.toolCalls ?? []).map((call): ContentBlockParam => ({
    type: 'tool_use',
    id: call.id,
    name: call.name,
    input: call.arguments,
  }));
  return [...text, ...calls];
};
