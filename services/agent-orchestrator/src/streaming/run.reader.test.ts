import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunEvent } from './run.event.ts';
import { readRun } from './run.reader.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const delta = (seq: number): RunEvent => ({ seq, type: 'text.delta', data: { text: String(seq) } });
const completed = (seq: number): RunEvent => ({ seq, type: 'run.completed', data: { usage: [] } });

/** A reader of events that a test puts into Redis and Postgres. */
const follow = (after = 0) => {
  const redis: RunEvent[] = [];
  let stored: RunEvent[] | undefined;
  let wake: (() => void) | undefined;
  let listeners = 0;
  let down = false;
  const leave = new AbortController();
  const heard: number[] = [];
  const asked = { times: 0 };
  const ended = (async () => {
    const events = readRun({
      runId: 'run',
      after,
      signal: leave.signal,
      ended: async () => {
        asked.times += 1;
        return stored;
      },
      stream: {
        read: async (_runId, seen) => {
          if (down) throw new Error('Redis is away');
          return redis.filter(({ seq }) => seq > seen);
        },
      },
      signals: {
        listen: (_runId, listener) => {
          listeners += 1;
          wake = () => listener('events');
          return { close: () => void (listeners -= 1) };
        },
      },
    });
    for await (const { seq } of events) heard.push(seq);
  })();
  return {
    heard,
    asked,
    ended,
    leave,
    listeners: () => listeners,
    breaks: () => (down = true),
    store: (events: RunEvent[]) => (stored = events),
    async say(...events: RunEvent[]) {
      redis.push(...events);
      wake?.();
      await jest.advanceTimersByTimeAsync(0);
    },
    pass: (ms: number) => jest.advanceTimersByTimeAsync(ms),
  };
};

describe('a reader', () => {
  it('hears what is said at once, ends with the end, and leaves no listener behind', async () => {
    const reader = follow();
    await reader.pass(0);
    await reader.say(delta(1));
    expect(reader.heard).toEqual([1]);
    await reader.say(delta(2), completed(3));
    await reader.ended;
    expect(reader.heard).toEqual([1, 2, 3]);
    expect(reader.listeners()).toBe(0);
  });

  it('waits for the end when Redis lost something in between', async () => {
    const reader = follow(1);
    await reader.say(delta(4), delta(5));
    expect(reader.heard).toEqual([]);
    reader.store([delta(1), delta(2), delta(3), delta(4), delta(5), completed(6)]);
    await reader.pass(3_000);
    await reader.ended;
    expect(reader.heard).toEqual([2, 3, 4, 5, 6]);
  });

  it('goes over to a later attempt, and never back to an earlier one', async () => {
    const reader = follow();
    await reader.say(delta(1), delta(1_000_001), delta(1_000_002));
    await reader.say(delta(2));
    expect(reader.heard).toEqual([1, 1_000_001, 1_000_002]);
    reader.leave.abort();
    await reader.ended;
  });

  it('finds out by itself that a run ended while Redis was away', async () => {
    const reader = follow();
    await reader.say(delta(1));
    reader.breaks();
    reader.store([delta(1), completed(2)]);
    await reader.pass(4_000);
    await reader.ended;
    expect(reader.heard).toEqual([1, 2]);
  });

  it('seldom asks Postgres while it waits', async () => {
    const reader = follow();
    await reader.pass(20_000);
    expect(reader.asked.times).toBeLessThanOrEqual(11);
    reader.leave.abort();
    await reader.ended;
  });

  it('ends when it is told to', async () => {
    const reader = follow();
    await reader.pass(10);
    reader.leave.abort();
    await reader.ended;
    expect(reader.listeners()).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });
});
