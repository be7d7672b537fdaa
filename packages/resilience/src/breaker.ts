/** One piece of work that a breaker let through. Work that ends without telling anything of the target reports nothing. */
export interface Attempt {
  succeeded(): void;
  failed(now: number): void;
}

/** Leaves a failing target alone: after some failures in a row it is tried once an interval, until a try succeeds. */
export interface Breaker {
  state(now: number): 'closed' | 'trying' | 'open';
  /** @returns the attempt to report on, or how many milliseconds to wait before asking again */
  begin(now: number): Attempt | number;
}

export interface BreakerRules {
  /** Failures in a row after which the target is left alone. */
  readonly failures: number;
  /** The interval between tries; ms. A try that hangs holds up no later one. */
  readonly openMs: number;
}

/** Times are milliseconds of the caller's clock. */
export const createBreaker = ({ failures, openMs }: BreakerRules): Breaker => {
  let inARow = 0;
  let open = false;
  let nextTry = 0;
  // What was begun before the breaker last opened or closed says nothing of the target as it is now.
  let era = 0;
  return {
    state: (now) => (!open ? 'closed' : now < nextTry ? 'open' : 'trying'),
    begin(now) {
      if (open) {
        if (now < nextTry) return nextTry - now;
        nextTry = now + openMs;
      }
      const own = era;
      return {
        succeeded() {
          if (own !== era) return;
          inARow = 0;
          if (!open) return;
          open = false;
          era += 1;
        },
        failed(at) {
          if (own !== era || open) return;
          inARow += 1;
          if (inARow < failures) return;
          open = true;
          nextTry = at + openMs;
          era += 1;
        },
      };
    },
  };
};

/**
 * Does `work` unless its target is left alone.
 * @param tells what an error says of the target; `nothing`: whoever asked gave up
 * @param refuse makes the error for what is not tried; `waitMs` until the next try
 */
export const throughBreaker = async <T>(
  breaker: Breaker,
  work: () => Promise<T>,
  rules: { now: () => number; tells: (error: unknown) => 'up' | 'down' | 'nothing'; refuse: (waitMs: number) => Error },
): Promise<T> => {
  const attempt = breaker.begin(rules.now());
  if (typeof attempt === 'number') throw rules.refuse(attempt);
  try {
    const result = await work();
    attempt.succeeded();
    return result;
  } catch (error) {
    const told = rules.tells(error);
    if (told === 'down') attempt.failed(rules.now());
    else if (told === 'up') attempt.succeeded();
    throw error;
  }
};
