import { DocumentUsageMeasured } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { MeasuredUsage } from './measured.service.ts';

export const measuredSubscribers = (measuredOf: (unit: Unit) => MeasuredUsage): Subscriber[] => [
  subscriber(DocumentUsageMeasured, (unit, { data }) => measuredOf(unit).record(data)),
];
