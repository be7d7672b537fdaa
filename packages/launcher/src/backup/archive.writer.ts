import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { LauncherError } from '../failure.ts';
import { MANIFEST_FILE, Manifest } from './archive.format.ts';
import type { Seal } from './archive.seal.ts';
import { packTar, isTar } from './tar.ts';

/** What is measured while bytes pass. */
export interface Measured {
  sha256: string;
  size: number;
}

/** Hashes and counts what passes through it. */
export const createMeasure = (): Transform & { result(): Measured } => {
  const hash = createHash('sha256');
  let size = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return Object.assign(through, { result: (): Measured => ({ sha256: hash.digest('hex'), size }) });
};

/** An archive that is being written; nothing is seen at its place until it is whole. */
export interface ArchiveWriter {
  /** Writes a part and measures its content, before compression and encryption. */
  add(name: string, source: Readable, options?: { compress?: boolean }): Promise<Measured>;
  finish(manifest: Omit<Manifest, 'parts' | 'seal'>): Promise<void>;
  abandon(): Promise<void>;
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/**
 * Begins an archive: a folder, or one file when the name ends in `.tar`.
 * @throws LauncherError when there is something already
 */
export const createArchive = async (target: string, seal: Seal | undefined): Promise<ArchiveWriter> => {
  const place = path.resolve(target);
  if (existsSync(place) && (isTar(place) || readdirSync(place).length > 0)) {
    throw new LauncherError(`${place} is there already`, 'Name a new file or folder: a backup never replaces another.');
  }
  const making = `${place}.partial-${randomBytes(4).toString('hex')}`;
  await mkdir(making, { recursive: true, mode: 0o700 });
  const parts: Record<string, Measured> = {};

  return {
    async add(name, source, { compress = true } = {}) {
      const file = path.join(making, name);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      const [content, stored] = [createMeasure(), createMeasure()];
      const zstd = compress ? [createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } })] : [];
      const cipher = seal ? [seal.encrypt()] : [];
      const sink = createWriteStream(file, { mode: 0o600, flush: true });
      await pipeline([source, content, ...zstd, ...cipher, stored, sink]);
      parts[name] = stored.result();
      return content.result();
    },
    async finish(manifest) {
      // In the order of the schema, as the reader will have it when it checks the signature.
      const unsigned = Manifest.parse({ ...manifest, parts });
      const signed: Manifest = seal
        ? { ...unsigned, seal: { salt: seal.salt, mac: seal.mac(JSON.stringify(unsigned)) } }
        : unsigned;
      const sink = createWriteStream(path.join(making, MANIFEST_FILE), { mode: 0o600, flush: true });
      await pipeline(Readable.from([`${JSON.stringify(signed, null, 1)}\n`]), sink);
      await syncFolder(making);
      if (isTar(place)) {
        await packTar(making, `${making}.tar`);
        await rename(`${making}.tar`, place);
        await rm(making, { recursive: true });
      } else {
        // An empty folder may stand there, made for us.
        await rm(place, { recursive: true, force: true });
        await rename(making, place);
      }
      await syncFolder(path.dirname(place));
    },
    async abandon() {
      await rm(making, { recursive: true, force: true });
      await rm(`${making}.tar`, { force: true });
    },
  };
};
