import { z } from 'zod';
import { defineEvent } from '../event.ts';

const Version = z.object({ documentId: z.uuid(), versionId: z.uuid(), title: z.string() });

/** The bytes of a version are stored; processing is about to start. */
export const VersionUploaded = defineEvent(
  'document.version.uploaded',
  1,
  Version.extend({ mediaType: z.string(), size: z.int().nonnegative() }),
  { live: 'workspace' },
);

/** A version can be searched. */
export const VersionProcessed = defineEvent(
  'document.version.processed',
  1,
  Version.extend({ pages: z.int().nonnegative().nullable(), chunks: z.int().nonnegative() }),
  { live: 'workspace' },
);

/** Processing ended without a searchable text; `reason` is for people. */
export const VersionFailed = defineEvent(
  'document.version.failed',
  1,
  Version.extend({ code: z.string(), reason: z.string() }),
  { live: 'workspace' },
);

export const DocumentDeleted = defineEvent('document.document.deleted', 1, z.object({ documentId: z.uuid() }), {
  live: 'workspace',
});
