import { describe, expect, it } from '@jest/globals';
import { newId } from './ids.ts';

describe('ids', () => {
  it('are UUIDs of version 7 that differ and sort by the order in which they were made', () => {
    const began = Date.now();
    const ids = Array.from({ length: 20_000 }, newId);
    const ended = Date.now();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
    const wrong = ids.filter((id) => {
      const at = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      return at < began || at > ended || !/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id);
    });
    expect(wrong).toEqual([]);
    // What is not time and order is random.
    expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(ids.length * 0.99);
  });
});
