import { setTimeout as sleep } from 'node:timers/promises';
import type { RollingClient } from './rolling.client.ts';
import { startRequests, type RequestReport } from './rolling.requests.ts';
import { startSockets, type SocketReport } from './rolling.sockets.ts';
import { startStreams, type StreamReport } from './rolling.streams.ts';

export interface RollingReport {
  readonly restarts: number;
  /** Seconds from the order to replace a role until the former process was gone: the longest. */
  readonly slowestSeconds: number;
  /** The same load without restarts. */
  readonly before: RequestReport;
  readonly requests: RequestReport;
  readonly streams: StreamReport;
  readonly sockets: SocketReport;
}

/**
 * Replaces every role again and again, one at a time, under a constant open-loop load with live streams and WebSockets,
 * and tells what clients noticed.
 * @param replace puts a new process of the role in the place of the running one; resolves when the former is gone
 */
export const restartUnderLoad = async (options: {
  client: RollingClient;
  roles: readonly string[];
  replace(role: string): Promise<void>;
  rounds: number;
  /** No round is begun after this; absent: all are. Milliseconds. */
  withinMs?: number;
  perSecond: number;
  streams: number;
  sockets: number;
  /** Milliseconds measured without restarts. */
  calmMs?: number;
  said?(line: string): void;
}): Promise<RollingReport> => {
  const { client, roles, replace, rounds, perSecond, said } = options;
  const calm = startRequests(client, perSecond);
  await sleep(options.calmMs ?? 2_000);
  const before = await calm.stop();
  const sockets = await startSockets(client, options.sockets);
  const streams = startStreams(client, options.streams);
  const requests = startRequests(client, perSecond);
  let [restarts, slowest] = [0, 0];
  const until = Date.now() + (options.withinMs ?? Infinity);
  for (let round = 1; round <= rounds && Date.now() < until; round += 1) {
    for (const role of roles) {
      const began = performance.now();
      await replace(role);
      const seconds = (performance.now() - began) / 1000;
      slowest = Math.max(slowest, seconds);
      restarts += 1;
      said?.(`round ${round}: ${role} replaced in ${seconds.toFixed(1)} s`);
    }
  }
  await sleep(500);
  const [asked, read] = await Promise.all([requests.stop(), streams.stop()]);
  return {
    restarts,
    slowestSeconds: Math.round(slowest * 10) / 10,
    before,
    requests: asked,
    streams: read,
    sockets: sockets.stop(),
  };
};
