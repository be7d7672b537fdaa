import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ChatMessage, ChatRequest } from '../chat.ts';
import type { Capabilities } from './openai.capabilities.ts';

/** The body of POST /chat/completions for a request. */
export const toCompletionBody = (
  request: ChatRequest,
  capabilities: Capabilities,
): ChatCompletionCreateParamsStreaming => ({
  model: request.model,
  messages: [
    ...(request.system ? [{ role: 'system' as const, content: request.system }] : []),
    ...request.messages.map(toMessage),
  ],
  stream: true,
  ...(capabilities.streamOptions ? { stream_options: { include_usage: true } } : {}),
  ...(request.tools?.length
    ? { tools: request.tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }
    : {}),
  ...(request.maxOutputTokens === undefined ? {} : { [capabilities.outputLimit]: request.maxOutputTokens }),
  ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
});

const toMessage = (message: ChatMessage): ChatCompletionMessageParam => {
  if (message.role === 'user') return { role: 'user', content: message.content };
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  if (!message.toolCalls?.length) return { role: 'assistant', content: message.content };
  return {
    role: 'assistant',
    content: message.content === '' ? null : message.content,
    tool_calls: message.toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    })),
  };
};
