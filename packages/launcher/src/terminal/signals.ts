import { Socket } from 'node:net';
import type { LauncherConfig } from '../config.ts';

/** One Ctrl-C may arrive twice, from the terminal and from the process before us; so close together it counts once. */
const SAME_PRESS_MS = 400;

/** Requests to stop, from wherever they come. */
export interface StopRequests {
  /** Aborted by the first request; the reason is a text such as `SIGTERM`. */
  readonly signal: AbortSignal;
  /** Resolves at the second request: stop at once. */
  readonly forced: Promise<void>;
  /** Stops listening. */
  dispose(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP, and for the end of whoever started us, which does not always hand signals on.
 */
export const listenForStop = (config: Pick<LauncherConfig, 'parentPipe' | 'underNpm'>): StopRequests => {
  const controller = new AbortController();
  let first = 0;
  const forced = Promise.withResolvers<void>();
  const request = (reason: string): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort(reason);
    } else if (Date.now() - first > SAME_PRESS_MS) forced.resolve();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, request);

  const orphaned = (): void => {
    if (!controller.signal.aborted) request('the end of the process that started it');
  };
  const pipe = config.parentPipe === undefined ? undefined : new Socket({ fd: config.parentPipe, writable: false });
  pipe?.on('error', orphaned).on('end', orphaned).resume();
  const parent = process.ppid;
  const poll = config.underNpm ? setInterval(() => process.ppid !== parent && orphaned(), 1_000).unref() : undefined;
  return {
    signal: controller.signal,
    forced: forced.promise,
    dispose() {
      for (const name of names) process.off(name, request);
      pipe?.destroy();
      clearInterval(poll);
    },
  };
};
