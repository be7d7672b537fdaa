import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../harness/random.ts';
import type { Answer } from '../platform/http.ts';
import type { ClientLog } from './client.log.ts';

/** A request that is sent until somebody says what became of it. */
export interface KeyedRequest {
  readonly key: string;
  readonly kind: string;
  send(key: string): Promise<Answer>;
}

/** What became of a request. */
export interface Settled {
  /** Undefined: nobody said before the time was up. */
  readonly answer: Answer | undefined;
  readonly tries: number;
  /** Answers that said nothing, by status; 0 is no answer at all. */
  readonly unknown: number;
}

/** Sends with one key until there is an answer that counts; each try is on disk before it is made. */
export const settle = async (
  { key, kind, send }: KeyedRequest,
  { log, random, withinMs }: { log: ClientLog; random: Random; withinMs: number },
): Promise<Settled> => {
  const until = Date.now() + withinMs;
  for (let tries = 1; ; tries += 1) {
    log.write({ key, kind, said: 'intent' });
    const answer = await send(key).catch(() => undefined);
    if (answer && answer.status < 500 && answer.status !== 409 && answer.status !== 429) {
      log.write({ key, kind, said: 'answer', status: answer.status, text: answer.text });
      return { answer, tries, unknown: tries - 1 };
    }
    log.write({ key, kind, said: 'unknown', ...(answer ? { status: answer.status } : {}) });
    if (Date.now() > until) return { answer: undefined, tries, unknown: tries };
    await sleep(10 + random.int(Math.min(400, 20 * 2 ** Math.min(tries, 5))));
  }
};
