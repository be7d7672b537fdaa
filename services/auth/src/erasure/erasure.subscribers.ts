import { erasureReports, serviceNames } from '@atrium/contracts';
import { subscriber, type Subscriber } from '@atrium/service-kit';
import { certifyJob } from './erasure.jobs.ts';
import { createErasureStore } from './erasure.store.ts';

/** Collects what the services report of erasures; the last one has the certificate written. */
export const erasureSubscribers = (): Subscriber[] =>
  serviceNames.flatMap((service) => [
    subscriber(erasureReports[service].progressed, ({ manager }, { data: { erasureId, percent } }) =>
      createErasureStore(manager).progress(erasureId, service, percent),
    ),
    subscriber(erasureReports[service].completed, async ({ manager, jobs }, { data }) => {
      const { erasureId } = data;
      if (await createErasureStore(manager).finish(service, data))
        await jobs.add(certifyJob, { erasureId }, { key: erasureId });
    }),
  ]);
