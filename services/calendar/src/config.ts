import { dataKeys, ServiceConfig } from '@atrium/service-kit';

/** Settings of calendar. */
export const CalendarConfig = ServiceConfig.extend({
  /** Encrypt grants of calendar providers at rest; without them none is taken. */
  DATA_KEYS: dataKeys.optional(),
});
