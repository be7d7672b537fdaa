import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than a role takes to begin, with a slow disk. */
const READY_MS = 60_000;
/** Longer than a role takes to drain. */
const GONE_MS = 60_000;

export interface HoldOptions {
  /** The launcher's entry, run again for every process of the role: that is how new code is taken up. */
  readonly program: string;
  say(line: string): void;
}

const gone = (worker: Worker): Promise<void> =>
  new Promise((resolve) => (worker.isDead() ? resolve() : worker.once('exit', () => resolve())));

/** Resolves to whether a process says that it is ready before it ends or its time is over. */
const isReady = async (worker: Worker): Promise<boolean> => {
  const said = new Promise<boolean>((resolve) => {
    worker.on('message', (message: unknown) => message === 'ready' && resolve(true));
    worker.once('exit', () => resolve(false));
  });
  const late = new AbortController();
  const timer = sleep(READY_MS, false, { signal: late.signal }).catch(() => false);
  return Promise.race([said, timer]).finally(() => late.abort());
};

const stop = async (worker: Worker): Promise<void> => {
  worker.process.kill('SIGTERM');
  const kill = setTimeout(() => worker.process.kill('SIGKILL'), GONE_MS);
  await gone(worker);
  clearTimeout(kill);
};

/**
 * Runs a role in a process of its own and holds its port, so that SIGHUP can replace the process: the next one listens
 * on the very same socket before this one stops, and whoever is connecting meanwhile waits for either. With a socket
 * each (SO_REUSEPORT), the system resets what waits at the one that is closed. See docs/adr/0006-rolling-restarts.md.
 * @returns the exit code, once a signal has ended it
 */
export const holdRole = async (role: string, { program, say }: HoldOptions): Promise<number> => {
  // Processes take connections from the socket themselves; this one only keeps it.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: program, args: ['serve', role] });
  let current: Worker | undefined;
  let stopping = false;
  let turn = Promise.resolve();

  const begin = async (): Promise<Worker | undefined> => {
    const worker = cluster.fork();
    if (await isReady(worker)) return worker;
    worker.process.kill('SIGKILL');
    return undefined;
  };
  const watch = (worker: Worker): void => {
    current = worker;
    worker.once('exit', (code, signal) => {
      if (stopping || current !== worker) return;
      say(`${role} ended by itself (${signal || code}); starting it again`);
      turn = turn.then(revive);
    });
  };
  const revive = async (): Promise<void> => {
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, 5_000)) {
      const worker = await begin();
      if (worker) return watch(worker);
      await sleep(pause);
    }
  };
  const replace = async (): Promise<void> => {
    const former = current;
    const next = await begin();
    if (!next) return say(`the next ${role} did not become ready; the one before goes on`);
    watch(next);
    if (former) await stop(former);
    say(`${role} was replaced`);
    process.send?.('replaced');
  };

  const first = await begin();
  if (!first) return 1;
  watch(first);
  say(`${role} is ready; SIGHUP replaces it`);
  process.send?.('ready');
  process.on('SIGHUP', () => (turn = turn.then(replace)));
  await new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve());
  });
  stopping = true;
  await turn;
  if (current && !current.isDead()) await stop(current);
  return 0;
};
