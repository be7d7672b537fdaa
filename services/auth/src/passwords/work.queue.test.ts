import { describe, expect, it } from '@jest/globals';
import { createWorkQueue } from './work.queue.ts';

/** Work that ends when the test says so. */
const setUp = (limits: { running: number; waiting: number }) => {
  const queue = createWorkQueue(limits);
  const started: { name: string; end: (failure?: Error) => void }[] = [];
  const submit = (name: string) =>
    queue.run(
      () =>
        new Promise<string>((resolve, reject) =>
          started.push({ name, end: (failure) => (failure ? reject(failure) : resolve(name)) }),
        ),
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { submit, started, settle };
};

describe('createWorkQueue', () => {
  it('runs a few, lets some wait in order, and refuses the rest at once', async () => {
    const { submit, started, settle } = setUp({ running: 2, waiting: 2 });
    const accepted = ['a', 'b', 'c', 'd'].map(submit);
    await expect(submit('e')).rejects.toMatchObject({
      status: 503,
      code: 'auth.busy',
      headers: { 'retry-after': '1' },
    });
    await settle();
    expect(started.map(({ name }) => name)).toEqual(['a', 'b']);
    started[0]?.end();
    await settle();
    expect(started.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    started[1]?.end();
    started[2]?.end();
    await settle();
    started[3]?.end();
    expect(await Promise.all(accepted)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives the place back after a failure', async () => {
    const { submit, started, settle } = setUp({ running: 1, waiting: 0 });
    const failing = submit('a');
    started[0]?.end(new Error('no memory'));
    await expect(failing).rejects.toThrow('no memory');
    const next = submit('b');
    await settle();
    started[1]?.end();
    expect(await next).toBe('b');
  });
});
