/** Counts attempts by key within a window that begins with the first of them. */
export interface AttemptCounter {
  /** Counts one more. @returns how many there are now, and the milliseconds until they are forgotten */
  take(key: string, windowMs: number): Promise<{ count: number; resetMs: number }>;
  /** Takes one back. */
  giveBack(key: string): Promise<void>;
  clear(key: string): Promise<void>;
}

const KEPT = 50_000;

/** Counts in this process, for when there is nothing shared to count in; forgets the oldest when there are too many. */
export const createMemoryCounter = (now: () => number): AttemptCounter => {
  const counts = new Map<string, { count: number; until: number }>();
  const current = (key: string) => {
    const entry = counts.get(key);
    return entry && entry.until > now() ? entry : undefined;
  };
  return {
    async take(key, windowMs) {
      const entry = current(key) ?? { count: 0, until: now() + windowMs };
      entry.count += 1;
      counts.delete(key);
      if (counts.size >= KEPT) counts.delete(counts.keys().next().value ?? '');
      counts.set(key, entry);
      return { count: entry.count, resetMs: entry.until - now() };
    },
    async giveBack(key) {
      const entry = current(key);
      if (entry) entry.count -= 1;
    },
    async clear(key) {
      counts.delete(key);
    },
  };
};

/** Uses `first`, and `second` whenever the first fails. */
export const createFallbackCounter = (first: AttemptCounter, second: AttemptCounter): AttemptCounter => ({
  take: (key, windowMs) => first.take(key, windowMs).catch(() => second.take(key, windowMs)),
  giveBack: (key) => first.giveBack(key).catch(() => second.giveBack(key)),
  clear: async (key) => {
    await first.clear(key).catch(() => undefined);
    await second.clear(key);
  },
});
