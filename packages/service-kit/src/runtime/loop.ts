import type { Logger } from '../observability/log.ts';

/** A background loop that can be woken early and stopped cleanly. */
export interface Loop {
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Runs `step` for ever: at once when woken or when it says there is more, otherwise after `intervalMs`. A step that
 * throws is logged and tried again after a pause, so an outage never ends the loop.
 * @param step resolves to true when it should run again without waiting
 */
export const startLoop = (options: {
  name: string;
  intervalMs: number;
  log: Logger;
  step: () => Promise<boolean>;
}): Loop => {
  let stopped = false;
  let woken = false;
  let awaken: (() => void) | undefined;
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      awaken = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!stopped) {
      woken = false;
      try {
        if (await options.step()) continue;
      } catch (error) {
        if (stopped) return;
        options.log.warn({ err: error, loop: options.name }, 'a background step failed; it will be tried again');
        await sleep(Math.max(options.intervalMs, 500));
        continue;
      }
      if (!woken && !stopped) await sleep(options.intervalMs);
    }
  };
  const ended = run();
  return {
    wake() {
      woken = true;
      awaken?.();
    },
    async stop() {
      stopped = true;
      awaken?.();
      await ended;
    },
  };
};
