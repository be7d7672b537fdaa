import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openArchive } from './archive.reader.ts';
import { sealBy } from './archive.seal.ts';
import { createArchive } from './archive.writer.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'atrium-archive-'));
afterAll(() => rmSync(dir, { recursive: true }));
const PASSPHRASE = 'a passphrase for archives';
const SECRET = 'nobody reads this ';
const at = '2030-01-01T00:00:00.000Z';
const content = {
  format: 1 as const,
  snapshotAt: at,
  finishedAt: at,
  postgres: '18.0',
  schemas: [],
  blobs: { index: 'blobs/index.jsonl.zst', count: 0, bytes: 0, deletedMeanwhile: [], missing: [], damaged: [] },
  books: { ledger: [], audit: [] },
};

const write = async (name: string, passphrase?: string): Promise<string> => {
  const place = path.join(dir, name);
  const archive = await createArchive(place, passphrase === undefined ? undefined : sealBy(passphrase));
  await archive.add('tables/a', Readable.from([SECRET.repeat(500)]));
  await archive.add('empty', Readable.from([]), { compress: false });
  await archive.add('blobs/index.jsonl.zst', Readable.from([]));
  await archive.finish(content);
  return place;
};

describe('an archive', () => {
  it.each([
    ['folder', undefined],
    ['file.tar', undefined],
    ['sealed.tar', PASSPHRASE],
  ])('as %s gives back what went in', async (name, passphrase) => {
    const archive = await openArchive(await write(name, passphrase), passphrase);
    expect(await archive.damaged()).toEqual([]);
    expect(await text(await archive.open('tables/a'))).toBe(SECRET.repeat(500));
    expect(await text(await archive.open('empty', { compressed: false }))).toBe('');
    await archive.close();
    expect(readdirSync(dir).filter((entry) => /partial|open-/.test(entry))).toEqual([]);
  });

  it('that is encrypted shows nothing, and notices every change', async () => {
    const place = await write('noticed', PASSPHRASE);
    const part = path.join(place, 'tables/a');
    const bytes = readFileSync(part);
    expect(bytes.includes('nobody')).toBe(false);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(part, bytes);
    const archive = await openArchive(place, PASSPHRASE);
    expect(await archive.damaged()).toEqual(['tables/a']);
    await expect(archive.open('tables/a').then(text)).rejects.toThrow();
    const manifest = path.join(place, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('18.0', '18.1'));
    await expect(openArchive(place, PASSPHRASE)).rejects.toThrow('manifest was changed');
  });

  it('never replaces another, and leaves nothing when it is given up', async () => {
    const place = await write('once');
    await expect(createArchive(place, undefined)).rejects.toThrow('is there already');
    const given = await createArchive(path.join(dir, 'given-up'), undefined);
    await given.add('a', Readable.from(['x']));
    await given.abandon();
    expect(readdirSync(dir).filter((entry) => entry.startsWith('given-up'))).toEqual([]);
  });

  it('of a later format is refused with what to do', async () => {
    const place = await write('later');
    const manifest = path.join(place, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"format": 1', '"format": 2'));
    await expect(openArchive(place, undefined)).rejects.toThrow('has format 2');
  });

  it('wants a passphrase that is worth the name', () => {
    expect(() => sealBy('short')).toThrow('fewer than 12');
  });
});
