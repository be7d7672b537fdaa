import { DocumentUsageMeasured } from '@atrium/contracts';
import { jobHandler, type JobHandler, type JobQueue, type Outbox, type Transactional } from '@atrium/service-kit';
import type { DocumentStore } from '../documents/document.store.ts';
import { dayAfter, dayOf, measureDay, measureStorage } from './storage.job.ts';

interface StorageUnit {
  readonly documents: Pick<DocumentStore, 'storedBytes'>;
  readonly outbox: Outbox;
  readonly jobs: JobQueue;
}

/** Days that one job catches up at most; more were not served, so they are not charged for. */
const MOST_DAYS = 31;

/** The days from the first to that before today. */
const daysUntil = (first: string, today: string): string[] => {
  const days: string[] = [];
  for (let day = first; day < today && days.length < MOST_DAYS; day = dayAfter(day)) days.push(day);
  return days;
};

export const storageHandler = (units: Transactional<StorageUnit>, now: () => Date): JobHandler =>
  jobHandler(measureStorage, {
    work: ({ tenant, payload }) =>
      units.run(tenant, async ({ documents, outbox, jobs }) => {
        const today = dayOf(now());
        const bytes = await documents.storedBytes();
        if (bytes === 0) return;
        // After a time in which nothing ran, what is stored now stands for the days that were missed.
        for (const day of daysUntil(payload.day, today))
          await outbox.add(DocumentUsageMeasured, `storage:${tenant.workspaceId}`, {
            reference: `storage:${day}`,
            documentId: null,
            userId: null,
            items: [{ unit: 'storage_byte_day', provider: 'atrium', model: 'storage', quantity: bytes }],
          });
        await measureDay(jobs, tenant.workspaceId, today);
      }),
    givenUp: async ({ jobs, tenant }) => {
      await measureDay(jobs, tenant.workspaceId, dayOf(now()));
    },
  });
