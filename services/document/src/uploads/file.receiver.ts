import type { Readable } from 'node:stream';
import { DomainError, invalid } from '@atrium/service-kit';
import { versionKey } from '../blobs/blob.key.ts';
import { BlobError, type BlobStore } from '../blobs/blob.store.ts';
import { cleanFileName } from '../documents/document.ts';
import type { ReceivedFile } from '../documents/document.service.ts';
import { sniff, SNIFF_BYTES } from '../extraction/sniff.ts';

/** Reads as much from the start as tells the type; the rest stays in the source. */
const readHead = async (source: AsyncIterator<Uint8Array, undefined>): Promise<{ head: Buffer; complete: boolean }> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const { value, done } = await source.next();
    if (done) return { head: Buffer.concat(parts), complete: true };
    parts.push(value);
    size += value.length;
  }
  return { head: Buffer.concat(parts), complete: false };
};

const replay = async function* (head: Buffer, rest: AsyncIterator<Uint8Array, undefined>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const { value, done } = await rest.next();
    if (done) return;
    yield value;
  }
};

/** The refusal of a file that is too large. */
export const tooLarge = (maxBytes: number): DomainError =>
  new DomainError(
    'document.too_large',
    413,
    `The file is larger than ${Math.floor((maxBytes / 2 ** 20) * 10) / 10} MB. Split it into smaller files.`,
  );

/**
 * Streams an upload into the blob store: looks at its first bytes, refuses what cannot be read, hashes and counts on
 * the way. Whatever fails, no bytes are left.
 */
export const createFileReceiver = ({ blobs, maxBytes }: { blobs: BlobStore; maxBytes: number }) => ({
  maxBytes,

  /** @throws DomainError 413, 415 and 422 with a reason for the person who uploads */
  async receive(
    file: Readable,
    given: {
      fileName: string | undefined;
      workspaceId: string;
      documentId: string;
      versionId: string;
      maxBytes?: number;
    },
  ): Promise<ReceivedFile> {
    const most = Math.min(maxBytes, given.maxBytes ?? maxBytes);
    const fileName = cleanFileName(given.fileName);
    const source = (file as AsyncIterable<Uint8Array, undefined>)[Symbol.asyncIterator]();
    try {
      const { head, complete } = await readHead(source);
      const sniffed = await sniff(head.subarray(0, SNIFF_BYTES), {
        name: fileName,
        complete: complete && head.length <= SNIFF_BYTES,
      });
      if (!sniffed.accepted) {
        const { code, reason } = sniffed;
        throw code === 'document.unsupported_type' ? new DomainError(code, 415, reason) : invalid(code, reason);
      }
      const blobKey = versionKey(given);
      const stored = await blobs.put(blobKey, replay(head, source), { maxBytes: most });
      return { ...stored, versionId: given.versionId, fileName, mediaType: sniffed.mediaType, blobKey };
    } catch (error) {
      throw error instanceof BlobError && error.code === 'blob.too_large' ? tooLarge(most) : error;
    } finally {
      file.destroy();
    }
  },

  discard: (file: ReceivedFile): Promise<void> => blobs.delete(file.blobKey),
});
export type FileReceiver = ReturnType<typeof createFileReceiver>;
