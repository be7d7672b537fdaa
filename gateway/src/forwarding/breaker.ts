/**
 * Leaves a failing service alone: after some failures in a row nothing is sent for a while, then one request tries,
 * and its outcome decides. Times are milliseconds of the caller's clock.
 */
export const createBreaker = ({ failures, openMs }: { failures: number; openMs: number }) => {
  let inARow = 0;
  let openUntil = 0;
  let trying = false;
  return {
    state(now: number): 'closed' | 'trying' | 'open' {
      if (inARow < failures) return 'closed';
      return now < openUntil ? 'open' : 'trying';
    },
    /** Milliseconds to wait before asking again; 0: go ahead, and report what came of it. */
    admit(now: number): number {
      if (inARow < failures) return 0;
      if (now < openUntil) return openUntil - now;
      if (trying) return openMs;
      trying = true;
      return 0;
    },
    succeeded(): void {
      inARow = 0;
      trying = false;
    },
    failed(now: number): void {
      inARow += 1;
      trying = false;
      if (inARow >= failures) openUntil = now + openMs;
    },
    /** It ended without telling anything about the service: the client left. */
    abandoned(): void {
      trying = false;
    },
  };
};
