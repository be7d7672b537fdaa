import { timingSafeEqual } from 'node:crypto';
import type { ErasureReport } from '@atrium/contracts';
import type { Unit } from '@atrium/service-kit';
import { certifyJob } from './erasure.jobs.ts';
import { createErasureStore, hashErasureToken, type Erasure, type Progress } from './erasure.store.ts';

/** Who wants to see an erasure: whoever has its token, or who asked for it. */
export interface Looker {
  readonly token: string | undefined;
  readonly userId: string | undefined;
}

const mayLook = ({ tokenHash, requestedBy }: Erasure, { token, userId }: Looker): boolean =>
  token === undefined
    ? requestedBy !== null && requestedBy === userId
    : timingSafeEqual(hashErasureToken(token), tokenHash);

/** What is known of erasures, inside one transaction. */
export const createErasureRecords = ({ manager, jobs }: Unit) => {
  const store = createErasureStore(manager);
  return {
    /** Undefined when there is none, or none for this looker: the same answer. */
    async look(id: string, looker: Looker): Promise<{ erasure: Erasure; reports: Progress[] } | undefined> {
      const erasure = await store.find(id);
      if (!erasure || !mayLook(erasure, looker)) return undefined;
      return { erasure, reports: await store.reports(id) };
    },

    progressed: (service: string, { erasureId, percent }: { erasureId: string; percent: number }): Promise<void> =>
      store.progress(erasureId, service, percent),

    /** Takes the report of a service; the last one has the certificate written. */
    async completed(service: string, report: ErasureReport): Promise<void> {
      const { erasureId } = report;
      if (await store.finish(service, report)) await jobs.add(certifyJob, { erasureId }, { key: erasureId });
    },
  };
};
export type ErasureRecords = ReturnType<typeof createErasureRecords>;
