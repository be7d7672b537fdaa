import type { Redis } from 'ioredis';

/** How many entries are taken at once: one more, and these. */
const MORE = 19;

/** Takes what has come besides the first, and keeps it with those in hand. */
const TAKE_MORE = `
local taken = {}
for _ = 1, ${MORE} do
  local entry = redis.call('LMOVE', KEYS[1], KEYS[2], 'LEFT', 'RIGHT')
  if not entry then break end
  taken[#taken + 1] = entry
end
return taken`;

/** The list on which a publisher is told what became of its deliveries. */
export interface AckList {
  /** Waits up to a second for entries; they stay in hand until they are said to be settled. */
  take(): Promise<string[]>;
  settled(entries: readonly string[]): Promise<void>;
  /** What somebody took and has not settled since this was last asked: whoever took it is slow, or is no more. */
  forgotten(): Promise<string[]>;
}

/**
 * Entries are moved to a list of those in hand, not popped: a relay that dies with some in hand would leave their
 * deliveries open, and everything behind them of the same key, until they are published again. Settling one twice does
 * no harm.
 * @param acks a connection that may wait
 */
export const createAckList = (acks: Redis, redis: Redis, key: string): AckList => {
  const inHand = `${key}:in-hand`;
  let seen = new Set<string>();
  return {
    async take() {
      const first = await acks.blmove(key, inHand, 'LEFT', 'RIGHT', 1);
      if (first === null) return [];
      const more = await acks.eval(TAKE_MORE, 2, key, inHand);
      return [first, ...(Array.isArray(more) ? more.map(String) : [])];
    },
    async settled(entries) {
      const pipeline = redis.pipeline();
      for (const entry of entries) pipeline.lrem(inHand, 1, entry);
      await pipeline.exec();
    },
    async forgotten() {
      const entries = await redis.lrange(inHand, 0, -1);
      const old = entries.filter((entry) => seen.has(entry));
      seen = new Set(entries);
      return old;
    },
  };
};
