import { EventView, listEvents } from '@atrium/contracts';
import { callService } from '@atrium/service-kit';
import { z } from 'zod';
import { defineSkill } from './skill.ts';

const MOST_EVENTS = 50;
const Instant = z.iso.datetime({ offset: true });

export const listEventsSkill = defineSkill({
  name: 'list_events',
  description: 'List the events in the calendar of the person between two instants, earliest first.',
  risk: 'read',
  input: z.object({
    from: Instant.optional().describe('RFC 3339 with offset; events that end before it are left out'),
    to: Instant.optional().describe('RFC 3339 with offset; events that start at or after it are left out'),
  }),
  output: z.object({ events: z.array(EventView) }),
  async run(range, { urls, token, signal }) {
    const { data } = await callService(listEvents, {
      baseUrl: urls.calendar,
      input: { ...range, limit: MOST_EVENTS },
      token: await token(),
      signal,
    });
    return { events: data };
  },
  summarize: ({ events }) => `${events.length} event${events.length === 1 ? '' : 's'}`,
});
