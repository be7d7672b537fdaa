import type { Cursor, Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { ConversationEntity, type Conversation, type ConversationStatus } from './conversation.entity.ts';

/** The only file that knows the conversations table. */
export const createConversationStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  find: (id: string): Promise<Conversation | null> => db.findOneBy(ConversationEntity, { workspaceId, id }),

  /** Locks it until the end of the transaction, so that its messages get their numbers one after another. */
  lock: (id: string): Promise<Conversation | null> =>
    db.findOne(ConversationEntity, { where: { workspaceId, id }, lock: { mode: 'pessimistic_write' } }),

  list(
    filter: { status?: ConversationStatus | undefined; agentId?: string | undefined },
    limit: number,
    after: Cursor | undefined,
  ): Promise<Conversation[]> {
    const query = db
      .createQueryBuilder(ConversationEntity, 'conversation')
      .where('conversation.workspaceId = :workspaceId', { workspaceId });
    if (filter.status) query.andWhere('conversation.status = :status', { status: filter.status });
    if (filter.agentId) query.andWhere('conversation.agentId = :agentId', { agentId: filter.agentId });
    if (after)
      query.andWhere('(conversation.lastMessageAt, conversation.id) < (:at, :id)', { at: after.at, id: after.id });
    return query
      .orderBy({ 'conversation.lastMessageAt': 'DESC', 'conversation.id': 'DESC' })
      .take(limit + 1)
      .getMany();
  },

  async insert(conversation: Conversation): Promise<void> {
    await db.insert(ConversationEntity, conversation);
  },

  async update(id: string, change: Partial<Conversation>): Promise<void> {
    await db.update(ConversationEntity, { workspaceId, id }, change);
  },
});
