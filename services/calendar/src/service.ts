import { createVault, defineService, newId, transactional, type Unit } from '@atrium/service-kit';
import { CalendarEntity } from './calendars/calendar.entity.ts';
import { calendarRoutes } from './calendars/calendar.routes.ts';
import { createCalendarService } from './calendars/calendar.service.ts';
import { createCalendarStore } from './calendars/calendar.store.ts';
import { calendarSubscribers } from './calendars/calendar.subscribers.ts';
import { CalendarConfig } from './config.ts';
import { erasureSteps } from './erasure/erasure.steps.ts';
import { grantEffect } from './erasure/grant.revocation.ts';
import { EventEntity } from './events/event.entity.ts';
import { eventRoutes } from './events/event.routes.ts';
import { createEventService } from './events/event.service.ts';
import { createEventStore } from './events/event.store.ts';
import { IntegrationEntity } from './integrations/integration.entity.ts';
import { integrationRoutes } from './integrations/integration.routes.ts';
import { createIntegrationService } from './integrations/integration.service.ts';
import { Audit1777000000003 } from './migrations/audit.migration.ts';
import { Calendar1760000000001 } from './migrations/calendar.migration.ts';
import { Erasure1775000000002 } from './migrations/erasure.migration.ts';
import { Integrations1773000000000 } from './migrations/integrations.migration.ts';

const now = (): Date => new Date();

const calendarsOf = ({ manager, tenant }: Unit) =>
  createCalendarService({ calendars: createCalendarStore(manager, tenant), now, newId });

const eventsOf = (unit: Unit) =>
  createEventService({
    calendars: calendarsOf(unit),
    events: createEventStore(unit.manager, unit.tenant),
    outbox: unit.outbox,
    now,
    newId,
  });

/** Calendar: when things happen. */
export const service = defineService({
  name: 'calendar',
  schema: 'calendar',
  config: CalendarConfig,
  entities: [CalendarEntity, EventEntity, IntegrationEntity],
  migrations: [Calendar1760000000001, Integrations1773000000000, Erasure1775000000002, Audit1777000000003],
  compose: ({ runtime, config, log }) => ({
    erasing: {
      integrations: grantEffect({ vault: createVault(config.DATA_KEYS), revokeUrl: config.GOOGLE_REVOKE_URL, log }),
    },
    integrations: transactional(runtime, ({ manager, tenant }) =>
      createIntegrationService({ manager, tenant, vault: createVault(config.DATA_KEYS), now, newId }),
    ),
    calendars: transactional(runtime, calendarsOf),
    events: transactional(runtime, eventsOf),
  }),
  routes: ({ calendars, events, integrations }) => [
    ...calendarRoutes(calendars),
    ...eventRoutes(events),
    ...integrationRoutes(integrations),
  ],
  subscribers: () => calendarSubscribers(calendarsOf),
  erasure: { steps: erasureSteps, effects: ({ erasing }) => erasing },
});
