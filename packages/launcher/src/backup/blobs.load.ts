import { createHash } from 'node:crypto';
import type { BlobStore } from '@atrium/document/blobs';
import { LauncherError, errorCode } from '../failure.ts';
import type { ArchiveReader } from './archive.reader.ts';

const hashOf = async (blobs: BlobStore, key: string): Promise<string | undefined> => {
  try {
    const hash = createHash('sha256');
    for await (const chunk of await blobs.get(key)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch (error) {
    if (errorCode(error) === 'blob.not_found') return undefined;
    throw error;
  }
};

/**
 * Puts back every blob that is not there as it was. A key has one content for ever, so nothing that is in use changes.
 * @returns how many blobs the archive has
 */
export const loadBlobs = async (archive: ArchiveReader, blobs: BlobStore): Promise<number> => {
  let count = 0;
  for await (const { key, size, sha256, part } of archive.blobs()) {
    count += 1;
    const there = await blobs.stat(key);
    if (there?.size === size && (await hashOf(blobs, key)) === sha256) continue;
    const stored = await blobs.put(key, await archive.open(part, { compressed: false }));
    if (stored.sha256 === sha256 && stored.size === size) continue;
    await blobs.delete(key);
    throw new LauncherError(`The file ${key} came out of the backup otherwise than it went in`);
  }
  return count;
};
