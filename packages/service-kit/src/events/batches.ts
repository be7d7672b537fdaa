import { createHash } from 'node:crypto';
import type { ServiceName } from '@atrium/contracts';
import type { EventBatch } from './delivery.ts';
import type { Delivery } from './outbox.store.ts';

/** Events in one job: large enough to share a transaction, small enough to keep it short. */
const BATCH = 100;

/** One job to be: whom it is for, and an id that the same events always get. */
export interface Batch {
  readonly subscriber: string;
  readonly jobId: string;
  readonly data: EventBatch;
}

/**
 * Cuts deliveries into jobs. Jobs run side by side, so the deliveries of one key share a job, in order; a key with very
 * many makes a job that is larger than the others. Keys of one workspace lie side by side, so that the consumer seldom
 * has to change the tenant.
 */
export const inBatches = (publisher: ServiceName, deliveries: readonly Delivery[]): Batch[] =>
  [...Map.groupBy(deliveries, ({ subscriber }) => subscriber)].flatMap(([subscriber, own]) => {
    const keys = [...Map.groupBy(own, ({ envelope }) => envelope.subject).values()];
    const byWorkspace = Map.groupBy(keys, ([first]) => first?.envelope.workspaceid);
    const batches: Delivery[][] = [];
    for (const key of [...byWorkspace.values()].flat()) {
      const last = batches.at(-1);
      if (last && last.length + key.length <= BATCH) last.push(...key);
      else batches.push([...key]);
    }
    return batches.map((part) => {
      const events = part.map(({ envelope }) => envelope);
      const jobId = createHash('sha256').update(events.map(({ id }) => id).join()).digest('hex');
      return { subscriber, jobId, data: { publisher, events } };
    });
  });
