import { EntitySchema } from 'typeorm';

export interface Event {
  id: string;
  workspaceId: string;
  calendarId: string;
  title: string;
  startsAt: Date;
  endsAt: Date;
  /** The wall clock people agreed on; the instants stay what they are. */
  timeZone: string;
  location: string | null;
  description: string | null;
  attendees: string[];
  /** Null when that person was erased. */
  createdBy: string | null;
  createdAt: Date;
}
export const EventEntity = new EntitySchema<Event>({
  name: 'Event',
  tableName: 'events',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    calendarId: { type: 'uuid' },
    title: { type: 'text' },
    startsAt: { type: 'timestamptz' },
    endsAt: { type: 'timestamptz' },
    timeZone: { type: 'text' },
    location: { type: 'text', nullable: true },
    description: { type: 'text', nullable: true },
    attendees: { type: 'jsonb' },
    createdBy: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});
