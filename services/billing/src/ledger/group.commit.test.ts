import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createGroupCommit } from './group.commit.ts';

const PATIENCE_MS = 30;
/** Longer than any test, so that nothing depends on how fast the machine is. */
const ENDLESS_MS = 60_000;

/** Items are `owner:thing`; a batch ends when the test says so. */
const setUp = (change: { atOnce?: number; most?: number; patienceMs?: number } = {}) => {
  const batches: { items: readonly string[]; end: (error?: Error) => void }[] = [];
  const commits = createGroupCommit<string, string>({
    execute: (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<string[]>();
      const end = (error?: Error): void => (error ? reject(error) : resolve(items.map((item) => `${item}!`)));
      batches.push({ items, end });
      return promise;
    },
    ownerOf: (item) => item.split(':')[0] ?? '',
    touchedBy: (item) => [item],
    splits: (error) => error instanceof Error && error.message === 'bad',
    atOnce: change.atOnce ?? 2,
    patienceMs: change.patienceMs ?? ENDLESS_MS,
    most: change.most ?? 200,
  });
  const submit = (...items: string[]): Promise<string[]> => Promise.all(items.map((item) => commits.submit(item)));
  const begun = (): (readonly string[])[] => batches.map(({ items }) => items);
  const turn = (): Promise<void> => sleep(5);
  return { commits, submit, batches, begun, turn };
};

describe('a group commit', () => {
  it('carries out together what comes in one moment, and answers each with its own', async () => {
    const { submit, batches, begun, turn } = setUp();
    const answers = submit('a:1', 'b:1', 'a:2');
    await turn();
    expect(begun()).toEqual([['a:1', 'b:1', 'a:2']]);
    batches[0]?.end();
    expect(await answers).toEqual(['a:1!', 'b:1!', 'a:2!']);
  });

  it('makes the next batch of what comes meanwhile, when the first has ended', async () => {
    const { commits, submit, batches, begun, turn } = setUp();
    const first = submit('a:1');
    await turn();
    const next = submit('b:1', 'c:1');
    await turn();
    expect(begun()).toHaveLength(1);
    batches[0]?.end();
    await first;
    await turn();
    expect(begun()).toEqual([['a:1'], ['b:1', 'c:1']]);
    const idle = commits.idle();
    batches[1]?.end();
    await Promise.all([next, idle]);
  });

  it('begins another beside one that takes long, with nothing of the same owners', async () => {
    const { submit, batches, begun, turn } = setUp({ patienceMs: PATIENCE_MS });
    const stuck = submit('a:1');
    await turn();
    const others = [submit('a:2'), submit('b:1')] as const;
    await sleep(PATIENCE_MS + 20);
    expect(begun()).toEqual([['a:1'], ['b:1']]);
    batches[1]?.end();
    expect(await others[1]).toEqual(['b:1!']);
    const later = submit('c:1');
    await turn();
    expect(begun()[2]).toEqual(['c:1']);
    for (const one of [0, 2]) batches[one]?.end();
    await Promise.all([stuck, later]);
    await turn();
    expect(begun()[3]).toEqual(['a:2']);
    batches[3]?.end();
    await others[0];
  });

  it('has no more under way than it may', async () => {
    const { submit, batches, begun } = setUp({ atOnce: 1, patienceMs: PATIENCE_MS });
    const answers = [submit('a:1'), submit('b:1')];
    await sleep(PATIENCE_MS + 20);
    const [together] = begun();
    expect(together).toEqual(['a:1', 'b:1']);
    const later = submit('c:1');
    await sleep(PATIENCE_MS + 20);
    expect(begun()).toHaveLength(1);
    batches[0]?.end();
    await Promise.all(answers);
    await sleep(5);
    batches[1]?.end();
    await later;
  });

  it('keeps what touches the same thing apart and in order, and takes no more than its most', async () => {
    const { submit, batches, begun, turn } = setUp({ most: 2 });
    const answers = submit('a:1', 'a:1', 'b:1', 'c:1');
    for (const [place, items] of [
      ['a:1', 'b:1'],
      ['a:1', 'c:1'],
    ].entries()) {
      await turn();
      expect(begun()[place]).toEqual(items);
      batches[place]?.end();
    }
    expect(await answers).toHaveLength(4);
  });

  it('tries a batch with something bad in it piece by piece, and gives other errors to all', async () => {
    const { submit, batches, begun, turn } = setUp();
    const answers = Promise.allSettled([submit('a:1'), submit('a:2')]);
    await turn();
    batches[0]?.end(new Error('bad'));
    await turn();
    batches[1]?.end(new Error('bad'));
    await turn();
    batches[2]?.end();
    expect(begun()).toEqual([['a:1', 'a:2'], ['a:1'], ['a:2']]);
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    const lost = Promise.allSettled([submit('a:3'), submit('b:3')]);
    await turn();
    batches[3]?.end(new Error('lost'));
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(begun()).toHaveLength(4);
  });
});
