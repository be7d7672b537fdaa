import { defineJob, jobHandler, type Transactional } from '@atrium/service-kit';
import { z } from 'zod';
import type { BlobStore } from '../blobs/blob.store.ts';
import type { ChunkStore } from '../search/chunk.store.ts';

/** Removes what a deleted document leaves: its bytes and its chunks. */
export const purgeDocument = defineJob('document.purge', z.strictObject({ documentId: z.uuid() }), {
  maxAttempts: 20,
  concurrency: 1,
});

export const purgeHandler = ({ blobs, chunks }: { blobs: BlobStore; chunks: Transactional<ChunkStore> }) =>
  jobHandler(purgeDocument, {
    async work({ payload: { documentId }, tenant, progress }) {
      for await (const key of blobs.list(`${tenant.workspaceId}/${documentId}`)) await blobs.delete(key);
      await progress(50, 'chunks');
      await chunks.run(tenant, (store) => store.removeDocument(documentId));
    },
    // The document is gone for people already, and the cleanup of blobs finds the bytes a day later.
    givenUp: async () => undefined,
  });
