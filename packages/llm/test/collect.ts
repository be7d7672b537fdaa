import type { ChatEvent, ChatProvider, ChatRequest } from '../src/index.ts';

export const request = (overrides: Partial<ChatRequest> = {}): ChatRequest => ({
  model: 'test-model',
  messages: [{ role: 'user', content: 'Hello' }],
  ...overrides,
});

export const collect = async (
  provider: ChatProvider,
  asked: ChatRequest = request(),
  signal?: AbortSignal,
): Promise<ChatEvent[]> => {
  const events: ChatEvent[] = [];
  for await (const event of provider.stream(asked, signal ? { signal } : {})) events.push(event);
  return events;
};

export const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');
