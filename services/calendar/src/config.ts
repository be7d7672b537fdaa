import { ServiceConfig } from '@atrium/service-kit';

/** Settings of calendar: those of every service. */
export const CalendarConfig = ServiceConfig;
