import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { createZstdDecompress } from 'node:zlib';
import { LauncherError } from '../failure.ts';
import { BlobEntry, FORMAT, MANIFEST_FILE, Manifest } from './archive.format.ts';
import { sameMac, sealBy, type Seal } from './archive.seal.ts';
import { createMeasure, type Measured } from './archive.writer.ts';
import { isTar, unpackTar } from './tar.ts';

/** An archive opened for reading. */
export interface ArchiveReader {
  readonly manifest: Manifest;
  /** Hashes every part. @returns the names of those that are not as they were written */
  damaged(): Promise<string[]>;
  /** The content of a part. */
  open(name: string, options?: { compressed?: boolean }): Promise<Readable>;
  blobs(): AsyncIterable<BlobEntry>;
  close(): Promise<void>;
}

const readManifest = async (file: string): Promise<Manifest> => {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new LauncherError(`${file} cannot be read`, 'It is not a backup, or one that was cut off.', { cause: error });
  }
  const format: unknown = typeof content === 'object' && content !== null ? Reflect.get(content, 'format') : undefined;
  if (typeof format === 'number' && format > FORMAT) {
    throw new LauncherError(`The backup has format ${format}, this Atrium reads ${FORMAT}`, 'Use a newer Atrium.');
  }
  const parsed = Manifest.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new LauncherError(`${file} is damaged`, parsed.error.issues[0]?.message);
};

const checkedSeal = (manifest: Manifest, passphrase: string | undefined): Seal | undefined => {
  const { seal: told, ...unsigned } = manifest;
  if (!told) return undefined;
  if (!passphrase) {
    throw new LauncherError(
      'The backup is encrypted',
      'Set ATRIUM_BACKUP_PASSPHRASE or ATRIUM_BACKUP_PASSPHRASE_FILE.',
    );
  }
  const seal = sealBy(passphrase, told.salt);
  if (sameMac(seal.mac(JSON.stringify(unsigned)), told.mac)) return seal;
  throw new LauncherError('The passphrase is not the one of this backup, or its manifest was changed');
};

const measure = async (file: string): Promise<Measured | undefined> => {
  if (!existsSync(file)) return undefined;
  const meter = createMeasure();
  await pipeline(createReadStream(file), meter.resume());
  return meter.result();
};

/** Opens a folder, or a `.tar` by way of a folder beside it. @throws LauncherError saying what is wrong with it */
export const openArchive = async (source: string, passphrase: string | undefined): Promise<ArchiveReader> => {
  const place = path.resolve(source);
  if (!existsSync(place)) throw new LauncherError(`There is no ${place}`, 'Name the file or folder of a backup.');
  const packed = (await stat(place)).isFile();
  if (packed && !isTar(place)) throw new LauncherError(`${place} is no backup`, 'It is a folder or ends in .tar.');
  const dir = packed ? await mkdtemp(`${place}.open-`) : place;
  const close = async (): Promise<void> => {
    if (packed) await rm(dir, { recursive: true, force: true });
  };
  try {
    if (packed) await unpackTar(place, dir);
    const manifest = await readManifest(path.join(dir, MANIFEST_FILE));
    const seal = checkedSeal(manifest, passphrase);
    const open: ArchiveReader['open'] = async (name, { compressed = true } = {}) => {
      if (!Object.hasOwn(manifest.parts, name)) throw new LauncherError(`The backup has no part ${name}`);
      const file = path.join(dir, name);
      const raw = seal ? await seal.decrypt(file) : createReadStream(file);
      // The last stage is what is read; a failure before it reaches the reader as its error.
      const last = compressed ? createZstdDecompress() : new PassThrough();
      pipeline([raw, last]).catch((error: unknown) => last.destroy(error as Error));
      return last;
    };
    return {
      manifest,
      open,
      close,
      async damaged() {
        const wrong: string[] = [];
        for (const [name, told] of Object.entries(manifest.parts)) {
          const found = await measure(path.join(dir, name));
          if (found?.sha256 !== told.sha256 || found.size !== told.size) wrong.push(name);
        }
        return wrong;
      },
      async *blobs() {
        const lines = createInterface({ input: await open(manifest.blobs.index), crlfDelay: Infinity });
        for await (const line of lines) if (line) yield BlobEntry.parse(JSON.parse(line));
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};
