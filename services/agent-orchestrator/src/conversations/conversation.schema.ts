import { SpendingTags } from '@atrium/contracts';
import { pageOf, PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import { Citation } from '../runs/citations.ts';
import { RunView } from '../runs/run.schema.ts';
import { isTimeZone } from './conversation.ts';
import { conversationStatuses } from './conversation.entity.ts';

export const CreateConversation = z.strictObject({
  /** The workspace's own assistant when absent. */
  agentId: z.uuid().optional(),
  /** Made from the first message when absent. */
  title: z.string().trim().min(1).max(200).optional(),
});
export type CreateConversation = z.output<typeof CreateConversation>;

export const ListConversations = PageQuery.extend({
  status: z.enum(conversationStatuses).optional(),
  agentId: z.uuid().optional(),
});
export type ListConversations = z.output<typeof ListConversations>;

export const ListMessages = PageQuery.extend({ sort: z.enum(['oldest', 'newest']).default('oldest') });
export type ListMessages = z.output<typeof ListMessages>;

export const SendMessage = z.strictObject({
  text: z.string().trim().min(1).max(32_000),
  /** IANA zone of the person, for words like "tomorrow at three". */
  timeZone: z.string().max(64).refine(isTimeZone, 'Use an IANA time zone such as Europe/Lisbon.').default('UTC'),
  /** What the cost of the answer belongs to, such as `{"client": "acme"}`; usage can be grouped by it. */
  tags: SpendingTags.optional(),
});
export type SendMessage = z.output<typeof SendMessage>;

/** What is absent stays; `assignee: null` gives the conversation back to the agent. */
export const ChangeStatus = z.strictObject({
  status: z.enum(conversationStatuses),
  assignee: z.uuid().nullable().optional(),
});
export type ChangeStatus = z.output<typeof ChangeStatus>;

export const ConversationView = z
  .object({
    id: z.uuid(),
    agentId: z.uuid(),
    title: z.string(),
    status: z.enum(conversationStatuses),
    assignee: z.uuid().nullable(),
    createdBy: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
    lastMessageAt: z.iso.datetime(),
  })
  .meta({ id: 'Conversation' });

const MessageView = z
  .object({
    id: z.uuid(),
    conversationId: z.uuid(),
    seq: z.int().positive(),
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    citations: z.array(Citation),
    runId: z.uuid(),
    createdBy: z.uuid().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Message' });

export const ConversationPage = pageOf(ConversationView).meta({ id: 'ConversationPage' });
export const MessagePage = pageOf(MessageView).meta({ id: 'MessagePage' });
export const MessageAccepted = z.object({ message: MessageView, run: RunView }).meta({ id: 'MessageAccepted' });
