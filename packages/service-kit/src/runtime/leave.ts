import type { Redis } from 'ioredis';

/** How long those who end together may take to say good-bye to a Redis that answers. */
export const LEAVE_MS = 3_000;
/** The same for one that is away: only what the database has to say is waited for. */
export const LEAVE_AWAY_MS = 1_000;
const ANSWER_MS = 500;

/** @returns whether `work` was settled in time; what is late goes on unheard */
export const endsWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([settled, late]);
  clearTimeout(timer);
  return inTime;
};

/** The same for work whose failure is passed on. @returns false when it is late */
export const succeedsWithin = async (work: Promise<unknown>, ms: number): Promise<boolean> => {
  const inTime = await endsWithin(work, ms);
  if (inTime) await work;
  return inTime;
};

/**
 * Whether good-byes will be heard. A connection that is not ready may wait for ever, and one that seems ready may end
 * in a Redis that hangs, so it is asked.
 * @param redis a connection that no command blocks
 */
export const isAnswering = async (redis: Redis): Promise<boolean> => {
  if (redis.status !== 'ready') return false;
  const answer = redis.ping().then(
    () => true,
    () => false,
  );
  return (await endsWithin(answer, ANSWER_MS)) && answer;
};
