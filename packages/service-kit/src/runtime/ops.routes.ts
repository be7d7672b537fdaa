import { transactional, type DataRuntime } from '../data/transactional.ts';
import { deadLetterRoutes } from '../events/dead-letter.routes.ts';
import { outboxRoutes } from '../events/outbox.routes.ts';
import { createDeadLetters, type OutboxStore } from '../events/outbox.store.ts';
import type { Route } from '../http/route.ts';
import { createJobOperations } from '../jobs/job.operations.ts';
import { jobRoutes } from '../jobs/job.routes.ts';
import type { JobHandler } from '../jobs/job.ts';

/** What an owner can see and mend of their workspace's work in one service, below `/ops/<service>`. */
export const opsRoutes = (
  service: string,
  parts: {
    runtime: DataRuntime;
    outbox: OutboxStore;
    handlers: readonly JobHandler[];
    wakeRelay: () => void;
    wakeJobs: (kind: string) => void;
  },
): Route[] => [
  ...deadLetterRoutes(service, parts.outbox, transactional(parts.runtime, createDeadLetters), parts.wakeRelay),
  ...outboxRoutes(service, parts.outbox),
  ...jobRoutes(
    service,
    transactional(parts.runtime, (unit) => createJobOperations(unit, parts.handlers, parts.wakeJobs)),
  ),
];
