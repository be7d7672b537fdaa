/** What a model asked a tool to do. */
export interface ToolCall {
  /** Given by the provider; the tool's answer repeats it in `toolCallId`. */
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  /** The raw text when the model wrote arguments that are no JSON object; `arguments` is then empty. Tell the model so. */
  invalidArguments?: string;
}

export interface UserMessage {
  role: 'user';
  content: string;
}

export interface AssistantMessage {
  role: 'assistant';
  content: string;
  toolCalls?: ToolCall[];
}

/** The answer to one tool call; every call of an assistant message is answered before the next other message. */
export interface ToolMessage {
  role: 'tool';
  toolCallId: string;
  /** JSON or plain text. */
  content: string;
  isError?: boolean;
}

export type ChatMessage = UserMessage | AssistantMessage | ToolMessage;

export interface ToolDefinition {
  name: string;
  description: string;
  /** JSON Schema (2020-12) of an object. */
  parameters: Record<string, unknown>;
}

/** What the built-in assistant needs to know about the moment; real models are told in `system`. */
export interface ChatContext {
  now: Date;
  /** IANA zone of the person, such as `America/Sao_Paulo`. */
  timeZone: string;
}

export interface ChatRequest {
  model: string;
  system?: string;
  messages: ChatMessage[];
  tools?: ToolDefinition[];
  maxOutputTokens?: number;
  /** Left out where the provider refuses it: Anthropic does since API version 2026-10-21. */
  temperature?: number;
  context?: ChatContext;
}

/** Tokens of one answer. `inputTokens` contains the cached ones. */
export interface Usage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** True when the provider did not say and the numbers were counted here. */
  estimated: boolean;
}

export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter';

export type ChatEvent =
  | { type: 'text'; text: string }
  | ({ type: 'tool_call' } & ToolCall)
  /** `provider` and `model` name the one that answered, which differs from the one asked for after a fallback. */
  | ({ type: 'usage'; provider: string; model: string } & Usage)
  | { type: 'finish'; reason: FinishReason };

/**
 * A model behind one interface. The stream is text and tool calls in the order they came, then one `usage`, then one
 * `finish`; or it throws a `ProviderError`. Aborting throws the signal's reason. Leaving the loop early ends the request.
 */
export interface ChatProvider {
  name: string;
  stream(request: ChatRequest, options?: { signal?: AbortSignal }): AsyncIterable<ChatEvent>;
}
