import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createRunEmitter } from './run.emitter.ts';
import type { RunEvent } from './run.event.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const listenTo = (first = 1) => {
  const batches: RunEvent[][] = [];
  let down = false;
  const emitter = createRunEmitter({
    runId: 'run',
    first,
    stream: {
      append: async (_runId, events) => {
        if (down) throw new Error('Redis is away');
        batches.push([...events]);
      },
    },
  });
  const texts = () => batches.flat().map((event) => (event.type === 'text.delta' ? event.data.text : event.type));
  return { emitter, batches, texts, breaks: (is: boolean) => (down = is) };
};

describe('what a run says', () => {
  it('goes out at once after a pause, and gathers while it flows', async () => {
    const { emitter, texts } = listenTo();
    emitter.text('a');
    await jest.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(['a']);
    emitter.text('b');
    emitter.text('c');
    await jest.advanceTimersByTimeAsync(5);
    expect(texts()).toEqual(['a']);
    await jest.advanceTimersByTimeAsync(15);
    expect(texts()).toEqual(['a', 'bc']);
  });

  it('does not gather more than sixteen pieces', async () => {
    const { emitter, texts } = listenTo();
    for (let piece = 0; piece < 33; piece += 1) emitter.text('x');
    await jest.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(['x', 'x'.repeat(16), 'x'.repeat(16)]);
  });

  it('is numbered without gaps, text before what follows it', async () => {
    const { emitter, batches } = listenTo(1_000_001);
    emitter.text('a');
    emitter.text('b');
    emitter.emit({ type: 'skill.started', data: { name: 'x', arguments: {} } });
    await jest.advanceTimersByTimeAsync(0);
    expect(batches.flat().map(({ seq, type }) => [seq, type])).toEqual([
      [1_000_001, 'text.delta'],
      [1_000_002, 'text.delta'],
      [1_000_003, 'skill.started'],
    ]);
  });

  it('waits out a short absence of Redis and loses nothing', async () => {
    const { emitter, texts, breaks } = listenTo();
    breaks(true);
    emitter.text('a');
    await jest.advanceTimersByTimeAsync(30);
    emitter.text('b');
    await jest.advanceTimersByTimeAsync(30);
    expect(texts()).toEqual([]);
    breaks(false);
    await jest.advanceTimersByTimeAsync(300);
    expect(texts()).toEqual(['a', 'b']);
  });

  it('ends with what was prepared, which nobody hears before', async () => {
    const { emitter, texts } = listenTo();
    emitter.text('a');
    emitter.text('b');
    const last = emitter.prepare([{ type: 'run.completed', data: { usage: [] } }]);
    await jest.advanceTimersByTimeAsync(100);
    expect(texts()).not.toContain('run.completed');
    await emitter.close(last);
    expect(texts()).toEqual(['a', 'b', 'run.completed']);
    expect(emitter.events().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('does not hold the end of a run back when Redis is away', async () => {
    const { emitter, breaks } = listenTo();
    breaks(true);
    emitter.text('a');
    await emitter.close(emitter.prepare([{ type: 'run.completed', data: { usage: [] } }]));
    expect(emitter.events()).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
  });
});
