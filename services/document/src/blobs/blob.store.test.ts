import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { startFakeS3 } from '@atrium/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { versionKey, versionOfKey } from './blob.key.ts';
import type { BlobStore } from './blob.store.ts';
import { createFileBlobStore } from './file-blob.store.ts';
import { createS3BlobStore } from './s3-blob.store.ts';

interface Setting {
  store: BlobStore;
  /** What unfinished uploads have left behind. */
  leftovers(): Promise<number>;
  /** Leaves what a process that died in the middle of an upload leaves. */
  dieUploading(): Promise<void>;
  close(): Promise<void>;
}

const PART_BYTES = 64 * 1024;

const inFolder = async (): Promise<Setting> => {
  const root = await mkdtemp(join(tmpdir(), 'atrium-blobs-'));
  return {
    store: createFileBlobStore({ root }),
    leftovers: async () => (await readdir(join(root, '.incoming'))).length,
    dieUploading: () => writeFile(join(root, '.incoming', 'half'), 'half'),
    close: () => rm(root, { recursive: true }),
  };
};

const inFakeS3 = async (): Promise<Setting> => {
  const s3 = await startFakeS3();
  const { endpoint } = s3;
  return {
    store: createS3BlobStore({
      endpoint,
      accessKey: 'key',
      secretKey: 'secret',
      bucket: 'documents',
      partBytes: PART_BYTES,
    }),
    leftovers: async () => s3.uploads.size,
    dieUploading: async () => {
      await fetch(`${endpoint}/documents/${KEY}?uploads`, { method: 'POST' });
    },
    close: s3.close,
  };
};

const KEY = 'workspace/document/version';
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const slices = (bytes: Buffer, size: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

describe.each([
  ['a folder', inFolder],
  ['S3', inFakeS3],
])('blobs in %s', (_, open) => {
  let setting: Setting;
  beforeEach(async () => {
    setting = await open();
  });
  afterEach(() => setting.close());

  const keys = async (prefix: string) => {
    const found: string[] = [];
    for await (const key of setting.store.list(prefix)) found.push(key);
    return found.sort();
  };

  it.each([0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, PART_BYTES * 3])(
    'gives back the %i bytes it was given',
    async (size) => {
      const bytes = randomBytes(size);
      expect(await setting.store.put(KEY, slices(bytes, 10_007))).toEqual({ size, sha256: sha256(bytes) });
      expect(await setting.store.stat(KEY)).toEqual({ size });
      expect((await buffer(await setting.store.get(KEY))).equals(bytes)).toBe(true);
      expect(await setting.leftovers()).toBe(0);
    },
  );

  it('replaces a blob whole', async () => {
    await setting.store.put(KEY, slices(randomBytes(5_000), 1_000));
    await setting.store.put(KEY, slices(Buffer.from('second'), 3));
    expect((await buffer(await setting.store.get(KEY))).toString()).toBe('second');
  });

  it.each([100, PART_BYTES * 2 + 100])('leaves nothing of an upload that breaks off after %i bytes', async (size) => {
    const sender = new PassThrough();
    const putting = setting.store.put(KEY, sender);
    sender.write(randomBytes(size));
    setTimeout(() => sender.destroy(new Error('connection lost')), 30);
    await expect(putting).rejects.toThrow('connection lost');
    expect(await setting.store.stat(KEY)).toBeNull();
    expect(await setting.leftovers()).toBe(0);
  });

  it('keeps the earlier blob when its replacement breaks off', async () => {
    await setting.store.put(KEY, slices(Buffer.from('first'), 5));
    const broken = (async function* () {
      yield Buffer.from('sec');
      throw new Error('connection lost');
    })();
    await expect(setting.store.put(KEY, broken)).rejects.toThrow('connection lost');
    expect((await buffer(await setting.store.get(KEY))).toString()).toBe('first');
  });

  it.each([10, PART_BYTES + 10])('refuses more than %i bytes when that is the limit', async (maxBytes) => {
    const putting = setting.store.put(KEY, slices(randomBytes(maxBytes + 1), 7_001), { maxBytes });
    await expect(putting).rejects.toMatchObject({ code: 'blob.too_large' });
    expect(await setting.store.stat(KEY)).toBeNull();
    expect(await setting.leftovers()).toBe(0);
  });

  it('stops waiting for a silent sender when cancelled', async () => {
    const sender = new PassThrough();
    sender.write('begun');
    const cancel = new AbortController();
    const putting = setting.store.put(KEY, sender, { signal: cancel.signal });
    setTimeout(() => cancel.abort(new Error('cancelled by the user')), 30);
    await expect(putting).rejects.toThrow('cancelled by the user');
    expect(sender.destroyed).toBe(true);
    expect(await setting.leftovers()).toBe(0);
  });

  it('knows what is not there', async () => {
    await expect(setting.store.get(KEY)).rejects.toMatchObject({ code: 'blob.not_found' });
    expect(await setting.store.stat(KEY)).toBeNull();
    await setting.store.delete(KEY);
    expect(await keys('workspace')).toEqual([]);
  });

  it('lists by whole segments and deletes', async () => {
    for (const key of ['w1/d1/v1', 'w1/d1/v2', 'w1/d2/v1', 'w10/d1/v1'])
      await setting.store.put(key, slices(Buffer.from(key), 9));
    expect(await keys('w1')).toEqual(['w1/d1/v1', 'w1/d1/v2', 'w1/d2/v1']);
    await setting.store.delete('w1/d1/v1');
    expect(await keys('w1/d1')).toEqual(['w1/d1/v2']);
  });

  it('lists everything, but not what is unfinished', async () => {
    await setting.store.check();
    for (const key of ['w1/d1/v1', 'w2/d1/v1']) await setting.store.put(key, slices(Buffer.from(key), 9));
    await setting.dieUploading();
    const found: string[] = [];
    for await (const key of setting.store.list()) found.push(key);
    expect(found.sort()).toEqual(['w1/d1/v1', 'w2/d1/v1']);
  });

  it('prunes what is empty and nothing else', async () => {
    const bytes = async function* () {
      yield Buffer.from('x');
    };
    await setting.store.put('w/d/one', bytes());
    await setting.store.put('w/e/two', bytes());
    await setting.store.delete('w/d/one');
    await setting.store.prune('w/d');
    await setting.store.prune('w/e');
    await setting.store.prune('v/none');
    expect(await setting.store.stat('w/e/two')).toEqual({ size: 1 });
  });

  it('sweeps old unfinished uploads only', async () => {
    await setting.store.check();
    await setting.dieUploading();
    await setting.store.sweep(new Date('2020-01-01'));
    expect(await setting.leftovers()).toBe(1);
    await setting.store.sweep(new Date('2100-01-01'));
    expect(await setting.leftovers()).toBe(0);
  });

  it.each(['../outside', 'a/../../b', '/etc/passwd', 'a//b', '.incoming/x', 'a/.', 'a\\b', 'a/b\0', '', 'a/%2e%2e'])(
    'refuses the key %j',
    async (key) => {
      await expect(setting.store.put(key, slices(Buffer.from('x'), 1))).rejects.toMatchObject({
        code: 'blob.invalid_key',
      });
      await expect(setting.store.get(key)).rejects.toMatchObject({ code: 'blob.invalid_key' });
      await expect(setting.store.delete(key)).rejects.toMatchObject({ code: 'blob.invalid_key' });
    },
  );
});

describe('blobs in a folder', () => {
  it('does not mistake a folder for a blob', async () => {
    const { store, close } = await inFolder();
    await store.put(KEY, slices(Buffer.from('x'), 1));
    expect(await store.stat('workspace/document')).toBeNull();
    await close();
  });
});

describe('the key of a version', () => {
  it('is workspace, document and version', () => {
    expect(versionKey({ workspaceId: 'w', documentId: 'd', versionId: 'v' })).toBe('w/d/v');
  });
  it('cannot be led elsewhere by an id', () => {
    expect(() => versionKey({ workspaceId: 'w', documentId: '..', versionId: 'v' })).toThrow('letters, digits');
  });

  it('tells whose bytes they are and since when', () => {
    const [workspaceId, id] = ['3f0c7a52-8a0e-4b60-9c8f-1f2f3f4f5f6f', '01963a6c-2c00-7abc-8def-0123456789ab'];
    const owner = { workspaceId, versionId: id, createdAt: new Date(0x01963a6c2c00) };
    expect(versionOfKey(`${workspaceId}/${id}/${id}`)).toEqual(owner);
    expect(versionOfKey(`${workspaceId}/${id}/${id}.text`)).toEqual(owner);
    expect(versionOfKey(`${workspaceId}/${id}`)).toBeUndefined();
    expect(versionOfKey('w/d/v')).toBeUndefined();
  });
});
