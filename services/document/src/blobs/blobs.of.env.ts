import { readConfig } from '@atrium/service-kit';
import { Config } from '../config.ts';
import type { BlobStore } from './blob.store.ts';
import { openBlobs } from './open.blobs.ts';

export type { BlobStore };

const Settings = Config.pick({
  BLOB_DIR: true,
  S3_ENDPOINT: true,
  S3_ACCESS_KEY: true,
  S3_SECRET_KEY: true,
  S3_BUCKET: true,
});

/** Opens the place of uploaded files for an operator's tool, by the settings that the service itself has. */
export const openBlobsOf = (env: NodeJS.ProcessEnv): Promise<BlobStore> => openBlobs(readConfig(Settings, env));
