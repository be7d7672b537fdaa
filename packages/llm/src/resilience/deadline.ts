/**
 * Waits for `work`, at most `ms`; a late one rejects with `late()`. The work itself is not stopped: the caller aborts
 * what it started.
 */
export const within = async <T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Begins a request that must have an answer within `ms`, or is aborted. The signal given to `start` also follows the
 * caller's, as long as the answer is read.
 */
export const openWithin = async <T>(
  ms: number,
  signal: AbortSignal | undefined,
  start: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> => {
  const controller = new AbortController();
  const followed = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
  try {
    return await within(start(followed), ms, late);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
};
