import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { CalendarEntity, type Calendar } from './calendar.entity.ts';

export const createCalendarStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  ownedBy: (userId: string): Promise<Calendar[]> =>
    db.find(CalendarEntity, { where: { workspaceId, userId }, order: { id: 'ASC' } }),

  find: (userId: string, id: string): Promise<Calendar | null> =>
    db.findOneBy(CalendarEntity, { workspaceId, userId, id }),

  /** Adds somebody's calendar; nothing happens when they have one, also when two add it at once. */
  async add(calendar: Omit<Calendar, 'workspaceId'>): Promise<void> {
    await db
      .createQueryBuilder()
      .insert()
      .into(CalendarEntity)
      .values({ ...calendar, workspaceId })
      .orIgnore()
      .execute();
  },

  async setTimeZone(userId: string, timeZone: string): Promise<void> {
    await db.update(CalendarEntity, { workspaceId, userId }, { timeZone });
  },
});
export type CalendarStore = ReturnType<typeof createCalendarStore>;
