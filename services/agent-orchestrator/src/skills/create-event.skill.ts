import { createEvent, EventView } from '@atrium/contracts';
import { callService } from '@atrium/service-kit';
import { z } from 'zod';
import { defineSkill } from './skill.ts';

const Instant = z.iso.datetime({ offset: true });

export const createEventSkill = defineSkill({
  name: 'create_event',
  description: 'Book an event in the calendar of the person. Times are RFC 3339 with the offset of their time zone.',
  risk: 'write',
  input: z.object({
    title: z.string().trim().min(1).max(300),
    startsAt: Instant.describe('Such as 2026-03-02T15:00:00-03:00'),
    endsAt: Instant,
    timeZone: z.string().max(64).optional().describe("IANA zone; the person's own when absent"),
    attendees: z.array(z.email()).max(100).optional(),
    location: z.string().trim().max(500).optional(),
    description: z.string().max(10_000).optional(),
  }),
  output: EventView,
  run: async (input, { urls, token, signal, idempotencyKey, timeZone }) =>
    callService(createEvent, {
      baseUrl: urls.calendar,
      input: { ...input, timeZone: input.timeZone ?? timeZone },
      token: await token(),
      idempotencyKey,
      signal,
    }),
  summarize: ({ title, startsAt, timeZone }) => `"${title}" booked for ${startsAt} (${timeZone})`,
});
