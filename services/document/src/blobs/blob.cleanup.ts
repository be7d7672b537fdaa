import type { Logger, Transactional } from '@atrium/service-kit';
import type { DocumentStore } from '../documents/document.store.ts';
import { versionOfKey } from './blob.key.ts';
import type { BlobStore } from './blob.store.ts';

const DAY_MS = 86_400_000;
/** Keys looked up at once. */
const BATCH = 500;

/**
 * Removes bytes that belong to no version: an upload whose process died between storing and writing its row, or a
 * deleted document whose purge never came through. Nothing younger than a day is touched.
 */
export const createBlobCleanup = (parts: {
  blobs: BlobStore;
  documents: Transactional<Pick<DocumentStore, 'keptVersions'>>;
  now: () => number;
  log: Logger;
}) => {
  const { blobs, documents, now, log } = parts;

  const removeOrphans = async (workspaceId: string, keys: Map<string, string>, before: Date): Promise<number> => {
    const kept = await documents.read({ workspaceId }, (store) =>
      store.keptVersions([...new Set(keys.values())], before),
    );
    const orphans = [...keys].filter(([, versionId]) => !kept.has(versionId)).map(([key]) => key);
    for (const key of orphans) await blobs.delete(key);
    return orphans.length;
  };

  return async (): Promise<void> => {
    const before = new Date(now() - DAY_MS);
    await blobs.sweep(before);
    const waiting = new Map<string, Map<string, string>>();
    let removed = 0;
    const settle = async (workspaceId: string, keys: Map<string, string>): Promise<void> => {
      waiting.delete(workspaceId);
      removed += await removeOrphans(workspaceId, keys, before);
    };
    for await (const key of blobs.list()) {
      const owner = versionOfKey(key);
      if (owner === undefined || owner.createdAt >= before) continue;
      const keys = waiting.get(owner.workspaceId) ?? new Map<string, string>();
      waiting.set(owner.workspaceId, keys.set(key, owner.versionId));
      if (keys.size >= BATCH) await settle(owner.workspaceId, keys);
    }
    for (const [workspaceId, keys] of [...waiting]) await settle(workspaceId, keys);
    if (removed > 0) log.info({ removed }, 'stored files that belonged to no document were removed');
  };
};
