import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../platform/http.ts';
import type { Person } from '../platform/people.ts';
import type { Reach } from '../platform/platform.ts';

/** What each role answers at the gateway only when it works. */
const READS: Readonly<Record<string, string>> = {
  gateway: '/billing/balance',
  auth: '/auth/me',
  billing: '/billing/balance',
  document: '/documents',
  calendar: '/calendar/events',
  'agent-orchestrator': '/agents',
};
const POLL_MS = 25;
const LONGEST_MS = 180_000;

/** Polls until it works. @returns how long that took, in ms */
export const timeUntil = async (works: () => Promise<boolean>): Promise<number> => {
  const began = performance.now();
  while (!(await works().catch(() => false))) {
    if (performance.now() - began > LONGEST_MS) throw new Error(`it did not recover within ${LONGEST_MS / 1_000} s`);
    await sleep(POLL_MS);
  }
  return performance.now() - began;
};

/** Whether a role answers somebody through the gateway. */
export const answers = async (platform: Pick<Reach, 'gateway'>, person: Person, role: string): Promise<boolean> => {
  const signal = AbortSignal.timeout(2_000);
  const answer = await send(`${platform.gateway}/api/v1${READS[role]}`, { token: person.token, signal });
  return answer.status === 200;
};

/** Whether somebody listens there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

/** The value that this share of all is not above. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
};

/** Recovery times in one line; ms. */
export const timesOf = (values: readonly number[]): string =>
  `p50 ${quantile(values, 0.5)}, p95 ${quantile(values, 0.95)}, slowest ${quantile(values, 1)} ms of ${values.length}`;
