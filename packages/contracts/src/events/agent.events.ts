import { z } from 'zod';
import { defineEvent } from '../event.ts';

/** What one run consumed, by provider and model; tokens are whole numbers. */
export const RunUsage = z.object({
  provider: z.string(),
  model: z.string(),
  inputTokens: z.int().nonnegative(),
  cachedInputTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
  /** True when the provider reported nothing and the tokens were counted by our tokenizer. */
  estimated: z.boolean(),
});
export type RunUsage = z.infer<typeof RunUsage>;

const Settled = z.object({
  runId: z.uuid(),
  conversationId: z.uuid(),
  agentId: z.uuid(),
  holdId: z.uuid().nullable(),
  usage: z.array(RunUsage),
});

export const ConversationCreated = defineEvent(
  'agent.conversation.created',
  1,
  z.object({ conversationId: z.uuid(), agentId: z.uuid(), title: z.string() }),
  { live: 'workspace' },
);

export const MessageCreated = defineEvent(
  'agent.message.created',
  1,
  z.object({
    messageId: z.uuid(),
    conversationId: z.uuid(),
    runId: z.uuid().nullable(),
    role: z.enum(['user', 'assistant']),
  }),
  { live: 'workspace' },
);

/** A run ended with an answer; billing captures its hold. */
export const RunCompleted = defineEvent('agent.run.completed', 1, Settled, { live: 'workspace' });

/** A run ended without an answer or was cancelled; billing captures what was used and releases the rest. */
export const RunFailed = defineEvent(
  'agent.run.failed',
  1,
  Settled.extend({ outcome: z.enum(['failed', 'cancelled']), code: z.string(), reason: z.string() }),
  { live: 'workspace' },
);
