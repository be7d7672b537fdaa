import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkKey } from './blob.key.ts';
import { createMeter } from './blob.meter.ts';
import { BlobError } from './blob.store.ts';
import type { BlobStore } from './blob.store.ts';

/** Unfinished uploads wait here; the leading dot keeps it from being a key. */
const INCOMING = '.incoming';

const isMissing = (error: unknown) => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

const orNull = <T>(work: Promise<T>): Promise<T | null> =>
  work.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });

const unlessFilled = (error: unknown): false => {
  if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
  throw error;
};

/** A rename is only safe from power loss once its folder is on disk too. */
const syncFolder = async (folder: string) => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** Keeps blobs as files under `root`, for a single machine. */
export const createFileBlobStore = ({ root }: { root: string }): BlobStore => {
  const base = resolve(root);
  const pathOf = (key: string) => join(base, ...checkKey(key).split('/'));

  return {
    async put(key, source, options) {
      const target = pathOf(key);
      const incoming = join(base, INCOMING, randomUUID());
      const meter = createMeter(options);
      await mkdir(dirname(incoming), { recursive: true });
      try {
        const handle = await open(incoming, 'wx', 0o600);
        // `flush` is fsync before close.
        await pipeline(meter.measure(source), handle.createWriteStream({ flush: true }));
        await mkdir(dirname(target), { recursive: true });
        await rename(incoming, target);
        await syncFolder(dirname(target));
      } catch (error) {
        await rm(incoming, { force: true });
        throw error;
      }
      return meter.result();
    },

    async get(key) {
      const handle = await orNull(open(pathOf(key), 'r'));
      if (handle === null) throw new BlobError('blob.not_found', `There is no blob ${key}`);
      return handle.createReadStream();
    },

    async stat(key) {
      const found = await orNull(stat(pathOf(key)));
      return found?.isFile() ? { size: found.size } : null;
    },

    async delete(key) {
      await rm(pathOf(key), { force: true });
    },

    async *list(prefix) {
      const folder = await orNull(opendir(prefix === undefined ? base : pathOf(prefix), { recursive: true }));
      if (folder === null) return;
      for await (const entry of folder) {
        const key = relative(base, join(entry.parentPath, entry.name)).split(sep).join('/');
        if (entry.isFile() && !key.startsWith('.')) yield key;
      }
    },

    async prune(prefix) {
      // Also what is above it: a workspace's folder is empty when its last document's is gone.
      for (let folder = pathOf(prefix); folder !== base; folder = dirname(folder))
        if ((await orNull(rmdir(folder).catch(unlessFilled))) === false) return;
    },

    async check() {
      const probe = join(base, INCOMING, randomUUID());
      try {
        await mkdir(dirname(probe), { recursive: true });
        await writeFile(probe, '');
        await rm(probe);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new BlobError(
          'blob.unavailable',
          `Files cannot be stored in ${base} (${why}). Let this program write there, or set BLOB_DIR to another folder.`,
          { cause: error },
        );
      }
    },

    async sweep(before) {
      const names = (await orNull(readdir(join(base, INCOMING)))) ?? [];
      for (const name of names) {
        const path = join(base, INCOMING, name);
        // The time of the last write: an upload that is still going on is young.
        const found = await orNull(stat(path));
        if (found !== null && found.mtime < before) await rm(path, { force: true });
      }
    },
  };
};
