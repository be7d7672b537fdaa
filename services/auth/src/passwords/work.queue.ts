import { unavailable } from '@atrium/service-kit';

/** Runs costly work a few at a time. */
export interface WorkQueue {
  /** @throws DomainError 503 `auth.busy` when too many are waiting already */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/**
 * Bounds work that costs a core and memory, so that a rush is refused early instead of slowing everybody down.
 * @param running how many run at once
 * @param waiting how many more may wait for their turn
 */
export const createWorkQueue = ({ running, waiting }: { running: number; waiting: number }): WorkQueue => {
  let free = running;
  const line: (() => void)[] = [];
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else if (line.length >= waiting)
        throw unavailable('auth.busy', 'Too many people are signing in right now. Try again in a moment.');
      else await new Promise<void>((resolve) => line.push(resolve));
      try {
        return await work();
      } finally {
        const next = line.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
};
