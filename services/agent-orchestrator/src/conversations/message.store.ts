import type { Tenant } from '@atrium/service-kit';
import { LessThan, MoreThan, type EntityManager } from 'typeorm';
import { MessageEntity, type Message } from './message.entity.ts';

/** The only file that knows the messages table. */
export const createMessageStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  /** @param after number of the last message seen, in the order asked for */
  list(
    conversationId: string,
    sort: 'oldest' | 'newest',
    limit: number,
    after: number | undefined,
  ): Promise<Message[]> {
    const beyond = after === undefined ? {} : { seq: sort === 'oldest' ? MoreThan(after) : LessThan(after) };
    return db.find(MessageEntity, {
      where: { workspaceId, conversationId, ...beyond },
      order: { seq: sort === 'oldest' ? 'ASC' : 'DESC' },
      take: limit + 1,
    });
  },

  /** The last messages, oldest first. */
  async recent(conversationId: string, count: number): Promise<Message[]> {
    const rows = await db.find(MessageEntity, {
      where: { workspaceId, conversationId },
      order: { seq: 'DESC' },
      take: count,
    });
    return rows.reverse();
  },

  async insert(message: Message): Promise<void> {
    await db.insert(MessageEntity, message);
  },
});
