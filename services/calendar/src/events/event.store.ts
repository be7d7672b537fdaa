import type { Tenant } from '@atrium/service-kit';
import { In, type EntityManager } from 'typeorm';
import { EventEntity, type Event } from './event.entity.ts';

/** Which events to list. */
export interface EventRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** The event that the page before ended with. */
  readonly after: { readonly startsAt: Date; readonly id: string } | undefined;
  readonly limit: number;
}

export const createEventStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async add(given: Omit<Event, 'workspaceId'>): Promise<Event> {
    const event = { ...given, workspaceId };
    await db.insert(EventEntity, event);
    return event;
  },

  find: (calendarIds: readonly string[], id: string): Promise<Event | null> =>
    db.findOneBy(EventEntity, { workspaceId, id, calendarId: In(calendarIds) }),

  async remove(calendarIds: readonly string[], id: string): Promise<boolean> {
    const { affected } = await db.delete(EventEntity, { workspaceId, id, calendarId: In(calendarIds) });
    return affected === 1;
  },

  /** Events that have any part in [from, to), by start. */
  list(calendarIds: readonly string[], { from, to, after, limit }: EventRange): Promise<Event[]> {
    const query = db
      .createQueryBuilder(EventEntity, 'event')
      .where('event.workspaceId = :workspaceId', { workspaceId })
      .andWhere('event.calendarId in (:...calendarIds)', { calendarIds })
      .orderBy('event.startsAt')
      .addOrderBy('event.id')
      .limit(limit);
    if (from) query.andWhere('event.endsAt > :from', { from });
    if (to) query.andWhere('event.startsAt < :to', { to });
    if (after) query.andWhere('(event.startsAt, event.id) > (:startsAt, :id)', after);
    return query.getMany();
  },
});
export type EventStore = ReturnType<typeof createEventStore>;
