import { EventView as View } from '@atrium/contracts';
import type { z } from 'zod';
import type { Event } from './event.entity.ts';

export const EventView = View.meta({ id: 'CalendarEvent' });

export const presentEvent = (event: Event): z.input<typeof EventView> => ({
  ...event,
  startsAt: event.startsAt.toISOString(),
  endsAt: event.endsAt.toISOString(),
  createdAt: event.createdAt.toISOString(),
});
