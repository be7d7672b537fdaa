import type { Redis } from 'ioredis';
import { signalChannel } from './run.event.ts';

type RunSignal = 'events' | 'cancel';
type Listener = (signal: RunSignal) => void;

/**
 * Wakes those who wait for a run. All share one connection; a run's channel is subscribed while somebody listens.
 * Signals can get lost with the connection, so nobody may depend on them alone.
 * @param redis a patient connection of its own
 */
export const createRunSignals = (redis: Redis, prefix: string) => {
  const listeners = new Map<string, Set<Listener>>();
  redis.on('message', (channel: string, message: string) => {
    if (message !== 'events' && message !== 'cancel') return;
    for (const listener of listeners.get(channel) ?? []) listener(message);
  });
  const attempt = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);

  return {
    /** Calls the listener until it is closed. The first one of a run is also called when the subscription stands. */
    listen(runId: string, listener: Listener): { close(): void } {
      const channel = signalChannel(prefix, runId);
      const known = listeners.get(channel);
      if (known) known.add(listener);
      else {
        listeners.set(channel, new Set([listener]));
        void attempt(redis.subscribe(channel)).then(() => listener('events'));
      }
      return {
        close() {
          const others = listeners.get(channel);
          if (!others?.delete(listener) || others.size > 0) return;
          listeners.delete(channel);
          void attempt(redis.unsubscribe(channel));
        },
      };
    },
  };
};
export type RunSignals = ReturnType<typeof createRunSignals>;
