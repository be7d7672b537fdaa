import { describe, expect, it } from '@jest/globals';
import { createBreaker } from '@atrium/resilience';
import { BlobError, type BlobStore } from './blob.store.ts';
import { guardBlobs } from './guarded.blobs.ts';

const setUp = () => {
  const clock = { now: 0 };
  const state: { failure: Error | undefined; calls: number } = { failure: undefined, calls: 0 };
  const answer = () => {
    state.calls += 1;
    return state.failure === undefined ? Promise.resolve({ size: 1 }) : Promise.reject(state.failure);
  };
  const store = {
    stat: answer,
    put: async (_key: string, source: AsyncIterable<Uint8Array>) => {
      for await (const _piece of source) state.calls += 1;
      return { size: 1, sha256: '' };
    },
  } as unknown as BlobStore;
  const blobs = guardBlobs(store, createBreaker({ failures: 2, openMs: 1_000 }), () => clock.now);
  return { clock, state, blobs };
};

describe('guardBlobs', () => {
  it('leaves a store alone that does not answer, says when to come again, and tries it once an interval', async () => {
    const { clock, state, blobs } = setUp();
    state.failure = new Error('connect ECONNREFUSED');
    const refusal = { code: 'storage.unavailable', status: 503, headers: { 'retry-after': '1' } };
    for (let count = 0; count < 5; count += 1) await expect(blobs.stat('a')).rejects.toMatchObject(refusal);
    expect(state.calls).toBe(2);
    clock.now = 1_000;
    await expect(blobs.stat('a')).rejects.toMatchObject(refusal);
    await expect(blobs.stat('a')).rejects.toMatchObject(refusal);
    expect(state.calls).toBe(3);
    [clock.now, state.failure] = [2_000, undefined];
    expect(await blobs.stat('a')).toEqual({ size: 1 });
    expect(await blobs.stat('a')).toEqual({ size: 1 });
  });

  it('takes what is said of a blob for an answer, and a sender that breaks off for nothing', async () => {
    const { state, blobs } = setUp();
    state.failure = new BlobError('blob.not_found', 'There is none');
    for (let count = 0; count < 5; count += 1)
      await expect(blobs.stat('a')).rejects.toMatchObject({ code: 'blob.not_found' });
    expect(state.calls).toBe(5);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error('the sender left');
    };
    for (let count = 0; count < 5; count += 1)
      await expect(blobs.put('a', broken())).rejects.toThrow('the sender left');
    state.failure = undefined;
    expect(await blobs.stat('a')).toEqual({ size: 1 });
  });
});
