import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { allowedCores } from '@atrium/testing';

/** Where the two halves of a measurement run. Empty prefixes: wherever the system puts them. */
export interface Pinning {
  /** Put before the command of the system under test. */
  readonly sut: readonly string[];
  /** Put before a command that shall have every core again. */
  readonly all: readonly string[];
  /** Said in every report. */
  readonly note: string;
}

/**
 * Gives the first core to the systems under test and the second to everything else: this process, the load generator,
 * upstreams and the servers, which inherit it. Falls back to no pinning and says so.
 */
export const pin = (): Pinning => {
  try {
    const cores = allowedCores();
    const [first, second] = cores;
    if (first === undefined || second === undefined) return { sut: [], all: [], note: 'not pinned: one core only' };
    execFileSync('taskset', ['-a', '-p', '-c', String(second), String(process.pid)], { stdio: 'ignore' });
    return {
      sut: ['taskset', '-c', String(first)],
      all: ['taskset', '-c', cores.join()],
      note: `system under test on core ${first}; load generator, upstream, Postgres and Redis on core ${second}`,
    };
  } catch {
    return { sut: [], all: [], note: 'not pinned: taskset is not available here' };
  }
};

/** What the figures were measured on. */
export const describeMachine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
