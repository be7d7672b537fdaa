import { z } from 'zod';
import type { Calendar } from './calendar.entity.ts';

export const CalendarView = z
  .object({ id: z.uuid(), name: z.string(), timeZone: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'Calendar' });

export const presentCalendar = ({ id, name, timeZone, createdAt }: Calendar): z.input<typeof CalendarView> => ({
  id,
  name,
  timeZone,
  createdAt: createdAt.toISOString(),
});
