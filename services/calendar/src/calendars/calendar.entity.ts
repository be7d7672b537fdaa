import { EntitySchema } from 'typeorm';

/** A person's own calendar in a workspace. */
export interface Calendar {
  id: string;
  workspaceId: string;
  userId: string;
  name: string;
  timeZone: string;
  createdAt: Date;
}
export const CalendarEntity = new EntitySchema<Calendar>({
  name: 'Calendar',
  tableName: 'calendars',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    userId: { type: 'uuid' },
    name: { type: 'text' },
    timeZone: { type: 'text' },
    createdAt: { type: 'timestamptz' },
  },
});
