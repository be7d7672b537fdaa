import { auditSteps, erases, releases, type ErasureEffect, type ErasureStep } from '@atrium/service-kit';
import type { BlobStore } from '../blobs/blob.store.ts';

/** What an erasure does with each table. Documents are the workspace's: where it goes on, they only lose their uploader. */
export const erasureSteps: readonly ErasureStep[] = [
  erases('chunks', { kind: 'passages_with_vectors' }),
  erases('versions', { kind: 'document_versions' }),
  releases('documents', 'created_by = null', { ofUser: 'created_by = :user' }),
  erases('documents'),
  ...auditSteps,
];

/** What the blob store keeps of a document without files. */
export const documentEffect = (blobs: BlobStore): ErasureEffect => ({
  columns: ['id'],
  async run(rows, { workspaceId }) {
    for (const { id } of rows) await blobs.prune(`${workspaceId}/${String(id)}`);
    return {};
  },
});

/** The bytes of a version, and the text that was read from them. */
export const versionEffect = (blobs: BlobStore): ErasureEffect => ({
  columns: ['blob_key as "blobKey"'],
  async run(rows, _tenant, signal) {
    let files = 0;
    for (const { blobKey } of rows)
      for await (const key of blobs.list(String(blobKey).split('/').slice(0, 2).join('/'))) {
        signal.throwIfAborted();
        if (!key.startsWith(String(blobKey))) continue;
        await blobs.delete(key);
        files += 1;
      }
    return { files };
  },
});
