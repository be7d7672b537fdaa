import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../failure.ts';

/** A process that can be told from a later one with the same number. */
export interface ProcessRef {
  readonly pid: number;
  /** When it began, in the system's own terms; compared, never read. */
  readonly began: string;
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
};

/** State letter and start of a Linux process, from `/proc/<pid>/stat`; the command in it may contain anything. */
const linuxStat = (pid: number): { state: string; began: string } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', began: fields[19] ?? '' };
  } catch {
    return undefined;
  }
};

const beganAt = (pid: number): string | undefined => {
  if (process.platform === 'linux') {
    const stat = linuxStat(pid);
    return stat && stat.state !== 'Z' ? stat.began : undefined;
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
};

/** A reference to a running process; `undefined` when there is none with that number. */
export const refer = (pid: number): ProcessRef | undefined => {
  const began = exists(pid) ? beganAt(pid) : undefined;
  return began === undefined ? undefined : { pid, began };
};

/** The command line of a process, words separated by spaces; empty when it cannot be seen. */
export const commandOf = (pid: number): string => {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

/** Whether the very process referred to still runs. */
export const isRunning = (ref: ProcessRef): boolean => refer(ref.pid)?.began === ref.began;

const signal = (ref: ProcessRef, name: NodeJS.Signals): void => {
  try {
    if (isRunning(ref)) process.kill(ref.pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
};

const gone = async (ref: ProcessRef, withinMs: number): Promise<boolean> => {
  const end = Date.now() + withinMs;
  while (isRunning(ref)) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
};

/**
 * Asks a process to stop, and ends it by force when it does not in time. Resolves when it is gone.
 * @returns whether it went by itself
 */
export const stopProcess = async (ref: ProcessRef, ask: NodeJS.Signals, graceMs: number): Promise<boolean> => {
  signal(ref, ask);
  if (await gone(ref, graceMs)) return true;
  signal(ref, 'SIGKILL');
  await gone(ref, 5_000);
  return false;
};
