import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, errorText } from '../failure.ts';
import type { EmbeddedPart } from './part.ts';

/** So many ends in so long a time mean that starting it again does not help. */
const MOST_ENDS = 3;
const WITHIN_MS = 60_000;

/** A part that is started again when it ends by itself. */
export interface Supervised<Part extends EmbeddedPart> {
  /** As it is now. */
  part(): Part;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * Starts a part and keeps it running, so that a crash of Postgres or Redis is a short interruption for the services,
 * which reconnect.
 * @param failed called once, when it ends again and again or cannot be started any more
 */
export const keepRunning = async <Part extends EmbeddedPart>(options: {
  start(): Promise<Part>;
  say(line: string): void;
  failed(error: LauncherError): void;
}): Promise<Supervised<Part>> => {
  let part = await options.start();
  let wanted = true;
  let restarting: Promise<void> | undefined;
  const ends: number[] = [];

  const watch = (): void => {
    void part.exited.then((reason) => {
      if (wanted) restarting = again(reason);
    });
  };
  const again = async (reason: string): Promise<void> => {
    ends.push(Date.now());
    const recent = ends.filter((at) => at > Date.now() - WITHIN_MS).length;
    if (recent > MOST_ENDS) {
      options.failed(
        new LauncherError(`${part.name} ended ${recent} times within a minute (${reason})`, 'See its log.'),
      );
      return;
    }
    options.say(`${part.name} ended by itself (${reason}); starting it again`);
    try {
      await sleep(100 * recent);
      if (!wanted) return;
      part = await options.start();
      options.say(`${part.name} is back`);
      watch();
    } catch (error) {
      options.failed(new LauncherError(`${part.name} ended (${reason}) and did not start again: ${errorText(error)}`));
    }
  };
  watch();

  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    wanted = false;
    await restarting;
    await part[how]();
  };
  return { part: () => part, stop: () => end('stop'), kill: () => end('kill') };
};
