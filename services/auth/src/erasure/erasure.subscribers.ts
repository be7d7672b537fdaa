import { erasureReports, serviceNames } from '@atrium/contracts';
import { subscriber, type Subscriber } from '@atrium/service-kit';
import { createErasureRecords } from './erasure.records.ts';

/** Collects what the services report of erasures. */
export const erasureSubscribers = (): Subscriber[] =>
  serviceNames.flatMap((service) => [
    subscriber(erasureReports[service].progressed, (unit, { data }) =>
      createErasureRecords(unit).progressed(service, data),
    ),
    subscriber(erasureReports[service].completed, (unit, { data }) =>
      createErasureRecords(unit).completed(service, data),
    ),
  ]);
