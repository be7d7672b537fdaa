import { setTimeout as sleep } from 'node:timers/promises';
import { causeOf, headersOf, type RollingClient } from './rolling.client.ts';

const READS = ['/billing/balance', '/agents', '/documents', '/calendar/events', '/conversations', '/auth/me'];

export interface RequestReport {
  sent: number;
  /** What was not 2xx, or broke off: how often, by path and reason. */
  failed: Record<string, number>;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

/** Sends so many requests a second whether they are answered or not: reads of every service, and keyed writes. */
export const startRequests = (client: RollingClient, perSecond: number) => {
  const times: number[] = [];
  const failed: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  let [sent, going] = [0, true];

  const ask = async (number: number): Promise<void> => {
    const write = number % 10 === 9;
    const path = write ? '/conversations' : (READS[number % READS.length] ?? '');
    const more: Record<string, string> = write
      ? { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
      : {};
    const began = performance.now();
    const outcome = await fetch(`${client.gateway}/api/v1${path}`, {
      method: write ? 'POST' : 'GET',
      headers: headersOf(client, more),
      ...(write ? { body: '{}' } : {}),
    }).then(
      async (answer) => {
        const text = await answer.text();
        return answer.ok ? undefined : `${answer.status} ${/"code":"([^"]+)"/.exec(text)?.[1] ?? ''}`;
      },
      (error: unknown) => causeOf(error),
    );
    times.push(performance.now() - began);
    if (outcome !== undefined) {
      const name = `${write ? 'POST' : 'GET'} ${path}: ${outcome}`;
      failed[name] = (failed[name] ?? 0) + 1;
    }
  };
  const load = (async () => {
    const began = performance.now();
    for (; going; sent += 1) {
      const wait = began + (sent * 1000) / perSecond - performance.now();
      if (wait > 0) await sleep(wait);
      const one = ask(sent);
      running.add(one);
      void one.finally(() => running.delete(one));
    }
  })();

  return {
    async stop(): Promise<RequestReport> {
      going = false;
      await load;
      await Promise.all(running);
      const sorted = times.toSorted((a, b) => a - b);
      const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
      return { sent, failed, p50: at(0.5), p99: at(0.99) };
    },
  };
};
