import { createBreaker } from '@atrium/resilience';
import { ConfigError } from '@atrium/service-kit';
import type { BlobStore } from './blob.store.ts';
import { guardBlobs } from './guarded.blobs.ts';
import { createFileBlobStore } from './file-blob.store.ts';
import { createS3BlobStore } from './s3-blob.store.ts';

/** The settings that say where bytes are kept. */
export interface BlobSettings {
  BLOB_DIR?: string | undefined;
  S3_ENDPOINT?: string | undefined;
  S3_ACCESS_KEY?: string | undefined;
  S3_SECRET_KEY?: string | undefined;
  S3_BUCKET: string;
  /** Absent: the store is asked however often it failed. */
  BREAKER_FAILURES?: number;
  BREAKER_OPEN_MS?: number;
}

const chooseStore = (settings: BlobSettings): BlobStore => {
  const { BLOB_DIR: root, S3_ENDPOINT: endpoint, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET: bucket } = settings;
  if (endpoint !== undefined) {
    if (S3_ACCESS_KEY === undefined || S3_SECRET_KEY === undefined)
      throw new ConfigError('S3_ENDPOINT is set: set S3_ACCESS_KEY and S3_SECRET_KEY too.');
    const store = createS3BlobStore({ endpoint, accessKey: S3_ACCESS_KEY, secretKey: S3_SECRET_KEY, bucket });
    const { BREAKER_FAILURES: failures, BREAKER_OPEN_MS: openMs } = settings;
    if (failures === undefined || openMs === undefined) return store;
    return guardBlobs(store, createBreaker({ failures, openMs }), () => performance.now());
  }
  if (root === undefined) throw new ConfigError('Set BLOB_DIR to a folder, or S3_ENDPOINT to an S3 server.');
  return createFileBlobStore({ root });
};

/**
 * Opens the blob store and makes sure that it can be written to.
 * @throws ConfigError when settings are missing; BlobError `blob.unavailable` when the place cannot be used
 */
export const openBlobs = async (settings: BlobSettings): Promise<BlobStore> => {
  const store = chooseStore(settings);
  await store.check();
  return store;
};
