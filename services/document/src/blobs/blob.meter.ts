import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BlobError } from './blob.store.ts';
import type { PutOptions, StoredBlob } from './blob.store.ts';

/** Counts and hashes bytes as they pass, and stops them at the limit or when cancelled. */
export const createMeter = ({ maxBytes = Number.POSITIVE_INFINITY, signal }: PutOptions = {}) => {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *measure(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      // A sender that has gone silent is only woken by destroying its stream.
      const onAbort = () => source instanceof Readable && source.destroy(signal?.reason as Error);
      signal?.throwIfAborted();
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        for await (const bytes of source) {
          signal?.throwIfAborted();
          size += bytes.length;
          if (size > maxBytes) throw new BlobError('blob.too_large', `The file is larger than ${maxBytes} bytes`);
          hash.update(bytes);
          yield bytes;
        }
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    result: (): StoredBlob => ({ size, sha256: hash.digest('hex') }),
  };
};
