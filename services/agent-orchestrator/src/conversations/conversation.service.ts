import { ConversationCreated, MessageCreated, type EntitlementsView } from '@atrium/contracts';
import type { Providers } from '@atrium/llm';
import {
  conflict,
  decodeCursor,
  newId,
  notFound,
  toPage,
  transactional,
  type DataRuntime,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import { createAgentService } from '../agents/agent.service.ts';
import { executeRun } from '../runs/run.job.ts';
import { presentRun } from '../runs/run.schema.ts';
import { checkEntitlements } from '../runs/run.limits.ts';
import { createRunStore } from '../runs/run.store.ts';
import { titleOf, UNTITLED } from './conversation.ts';
import type { Conversation } from './conversation.entity.ts';
import type {
  ChangeStatus,
  CreateConversation,
  ListConversations,
  ListMessages,
  SendMessage,
} from './conversation.schema.ts';
import { createConversationStore } from './conversation.store.ts';
import type { Message } from './message.entity.ts';
import { createMessageStore } from './message.store.ts';

const present = ({ createdAt, lastMessageAt, ...conversation }: Conversation) => ({
  ...conversation,
  createdAt: createdAt.toISOString(),
  lastMessageAt: lastMessageAt.toISOString(),
});
const presentMessage = ({ createdAt, ...message }: Message) => ({ ...message, createdAt: createdAt.toISOString() });

/** Who sends a message, and what their workspace may do by its plan. */
interface Sender {
  readonly userId: string;
  readonly apiKeyId?: string | undefined;
  readonly allowed?: EntitlementsView | undefined;
}

/** Conversations and their messages within one transaction. */
const createConversationService = (unit: Unit, providers: Providers) => {
  const { manager, tenant, outbox, jobs } = unit;
  const { workspaceId } = tenant;
  const conversations = createConversationStore(manager, tenant);
  const messages = createMessageStore(manager, tenant);
  const runs = createRunStore(manager, tenant);
  const agents = createAgentService(unit, providers);

  const get = async (id: string): Promise<Conversation> =>
    (await conversations.find(id)) ?? notFound('conversation', id);

  return {
    read: async (id: string) => present(await get(id)),

    async list({ limit, cursor, ...filter }: ListConversations) {
      const rows = await conversations.list(filter, limit, decodeCursor(cursor));
      return toPage(rows, limit, ({ id, lastMessageAt }) => ({ id, at: lastMessageAt.toISOString() }), present);
    },

    async messages(id: string, { limit, cursor, sort }: ListMessages) {
      await get(id);
      const after = decodeCursor(cursor);
      const rows = await messages.list(id, sort, limit, after && Number(after.at));
      return toPage(rows, limit, (row) => ({ id: row.id, at: String(row.seq) }), presentMessage);
    },

    async create(wish: CreateConversation, userId: string) {
      const agent = wish.agentId ? await agents.get(wish.agentId) : await agents.ensureDefault();
      const now = new Date();
      const conversation: Conversation = {
        id: newId(),
        workspaceId,
        agentId: agent.id,
        title: wish.title ?? UNTITLED,
        status: 'open',
        assignee: null,
        createdBy: userId,
        lastSeq: 0,
        createdAt: now,
        lastMessageAt: now,
      };
      await conversations.insert(conversation);
      await outbox.add(ConversationCreated, conversation.id, {
        conversationId: conversation.id,
        agentId: agent.id,
        title: conversation.title,
      });
      return present(conversation);
    },

    /** Stores a message with the run that answers it and the job that carries the run out. */
    async send(id: string, { text, timeZone, tags }: SendMessage, { userId, apiKeyId, allowed }: Sender) {
      const conversation = (await conversations.lock(id)) ?? notFound('conversation', id);
      if (conversation.status === 'archived')
        throw conflict('conversation.archived', 'The conversation is archived. Open it again to write in it.');
      if (await runs.isBusy(id))
        throw conflict('run.in_progress', 'The last message is still being answered. Wait for it or cancel its run.');
      const agent = await agents.get(conversation.agentId).catch(() => {
        throw conflict('agent.deleted', 'The agent of this conversation was deleted. Start a new conversation.');
      });
      await checkEntitlements(allowed, agent.model, runs);
      const now = new Date();
      const runId = newId();
      const jobId = await jobs.add(executeRun, { runId }, { key: runId });
      const { instructions, skills, model } = agent;
      const run = await runs.insert({
        id: runId,
        conversationId: id,
        agentId: agent.id,
        userId,
        model,
        provider: providers.nameFor(model),
        setup: { instructions, skills, timeZone, tags, apiKeyId },
        jobId: jobId ?? null,
        createdAt: now,
      });
      const message: Message = {
        id: newId(),
        workspaceId,
        conversationId: id,
        seq: conversation.lastSeq + 1,
        role: 'user',
        text,
        citations: [],
        runId,
        createdBy: userId,
        createdAt: now,
      };
      await messages.insert(message);
      await conversations.update(id, {
        lastSeq: message.seq,
        lastMessageAt: now,
        ...(conversation.title === UNTITLED ? { title: titleOf(text) } : {}),
      });
      await outbox.add(MessageCreated, id, { messageId: message.id, conversationId: id, runId, role: 'user' });
      return { message: presentMessage(message), run: presentRun(run) };
    },

    async changeStatus(id: string, { status, assignee }: ChangeStatus) {
      const conversation = (await conversations.lock(id)) ?? notFound('conversation', id);
      const change = { status, ...(assignee === undefined ? {} : { assignee }) };
      await conversations.update(id, change);
      return present({ ...conversation, ...change });
    },
  };
};
export type ConversationService = ReturnType<typeof createConversationService>;

export const createConversations = (runtime: DataRuntime, providers: Providers): Transactional<ConversationService> =>
  transactional(runtime, (unit) => createConversationService(unit, providers));
