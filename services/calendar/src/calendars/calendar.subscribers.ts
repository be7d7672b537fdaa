import { MemberJoined, UserRegistered, WorkspaceCreated } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { CalendarService } from './calendar.service.ts';

export const calendarSubscribers = (calendarsOf: (unit: Unit) => CalendarService): Subscriber[] => [
  subscriber(UserRegistered, (unit, { data }) => calendarsOf(unit).welcome(data.userId, data.timeZone)),
  subscriber(WorkspaceCreated, (unit, { data }) => calendarsOf(unit).welcome(data.ownerId, data.timeZone)),
  subscriber(MemberJoined, (unit, { data }) => calendarsOf(unit).welcome(data.userId, data.timeZone)),
];
