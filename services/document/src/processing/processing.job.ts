import { defineJob } from '@atrium/service-kit';
import { z } from 'zod';

/** Makes a version searchable: extract, chunk, embed, index. */
export const processVersion = defineJob(
  'version.process',
  z.strictObject({ documentId: z.uuid(), versionId: z.uuid() }),
  // A file store that is away for a night costs nobody a document.
  { maxAttempts: 5, concurrency: 2, deadlineMs: 30 * 60_000, patienceMs: 24 * 3_600_000 },
);
