import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { createS3BlobStore } from '../src/blobs/s3-blob.store.ts';

const {
  TEST_S3_ENDPOINT: endpoint,
  TEST_S3_ACCESS_KEY: accessKey = '',
  TEST_S3_SECRET_KEY: secretKey = '',
} = process.env;
const MiB = 2 ** 20;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const slices = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

// A real S3-compatible server is named by TEST_S3_ENDPOINT; without one the fake of blob.store.test.ts is what there is.
(endpoint ? describe : describe.skip)('a real S3-compatible store', () => {
  const bucket = `test-${randomUUID()}`;
  const store = createS3BlobStore({ endpoint: endpoint ?? 'http://127.0.0.1:9', accessKey, secretKey, bucket });
  const keys = async (prefix?: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const key of store.list(prefix)) all.push(key);
    return all.sort();
  };

  it('keeps small and large blobs whole, lists and forgets them', async () => {
    await store.check();
    const blobs = {
      'w/d/small': randomBytes(10),
      'w/d/large': randomBytes(21 * MiB + 7),
      'w/e/empty': Buffer.alloc(0),
    };
    for (const [key, bytes] of Object.entries(blobs)) {
      expect(await store.put(key, slices(bytes, 60_000))).toEqual({ size: bytes.length, sha256: sha256(bytes) });
    }
    expect(await keys()).toEqual(['w/d/large', 'w/d/small', 'w/e/empty']);
    expect(await keys('w/d')).toEqual(['w/d/large', 'w/d/small']);
    for (const [key, bytes] of Object.entries(blobs)) {
      expect(await store.stat(key)).toEqual({ size: bytes.length });
      expect(sha256(await buffer(await store.get(key)))).toBe(sha256(bytes));
    }
    for (const key of Object.keys(blobs)) await store.delete(key);
    await store.delete('w/d/small');
    expect(await keys()).toEqual([]);
    expect(await store.stat('w/d/small')).toBeNull();
  });

  it('shows nothing of an upload that broke off', async () => {
    await store.check();
    const breaking = Readable.from(
      (async function* () {
        for (let at = 0; at < 20; at += 1) yield randomBytes(MiB);
        await Promise.reject(new Error('the client left'));
      })(),
    );
    await expect(store.put('w/d/half', breaking)).rejects.toThrow('the client left');
    await expect(store.put('w/d/long', slices(randomBytes(2 * MiB), 60_000), { maxBytes: MiB })).rejects.toMatchObject({
      code: 'blob.too_large',
    });
    expect(await keys()).toEqual([]);
    await store.sweep(new Date(Date.now() + 60_000));
    await expect(store.get('w/d/half')).rejects.toMatchObject({ code: 'blob.not_found' });
  });
});
