import { json } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { BlobError, type BlobStore } from '../blobs/blob.store.ts';
import type { ExtractedDocument } from '../extraction/extracted.ts';

const keyOf = (blobKey: string) => `${blobKey}.text`;

/**
 * Keeps what was read from a file beside it while the rest of the work is done, so that an attempt that takes over
 * goes on from there.
 */
export const createExtractedBlobs = (blobs: BlobStore) => ({
  async save(blobKey: string, extracted: ExtractedDocument): Promise<void> {
    await blobs.put(keyOf(blobKey), Readable.from([Buffer.from(JSON.stringify(extracted))]));
  },

  /** Undefined when it was never saved, or is not whole. */
  async load(blobKey: string): Promise<ExtractedDocument | undefined> {
    try {
      return (await json(await blobs.get(keyOf(blobKey)))) as ExtractedDocument;
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof BlobError && error.code === 'blob.not_found'))
        return undefined;
      throw error;
    }
  },

  remove: (blobKey: string): Promise<void> => blobs.delete(keyOf(blobKey)),
});
