import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { refer } from '@atrium/launcher';

const PROGRAM = path.resolve(import.meta.dirname, '../../packages/launcher/src/main.ts');
/** Longer than a role drains. */
const STOP_MS = 40_000;
/** The pause after one that ended as soon as it was started. */
const PAUSE_MS = 200;

/** A role in a process of its own, started again whenever it ends. */
export interface RoleProcess {
  readonly name: string;
  readonly url: string;
  /** Processes that ended without having been told to. */
  readonly ended: readonly string[];
  readonly pid: number | undefined;
  /** Resolves when the present process serves. */
  ready(): Promise<void>;
  /** SIGKILL; resolves when it is gone. The next one is started at once. */
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Has a held role put a new process in the place of the running one; resolves when the former is gone. */
  replace(): Promise<void>;
  stop(): Promise<void>;
}

const gone = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve()),
  );

/** @throws Error when the process ends before it says so */
const hears = (child: ChildProcess, word: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => reject(new Error(`it ended instead of saying "${word}"`));
    const listen = (message: unknown): void => {
      if (message !== word) return;
      child.off('message', listen);
      child.off('exit', end);
      resolve();
    };
    child.on('message', listen);
    child.once('exit', end);
  });

/**
 * Runs `./atrium serve ROLE` under supervision.
 * @param hold the role is held, so that it can be replaced behind its socket
 */
export const superviseRole = (options: {
  name: string;
  port: number;
  env: NodeJS.ProcessEnv;
  dir: string;
  hold: boolean;
}): RoleProcess => {
  const { name, port, env, dir, hold } = options;
  const logFile = path.join(dir, `${name}-${port}.log`);
  const ended: string[] = [];
  let child: ChildProcess;
  let serving: Promise<void>;
  let [stopping, killed] = [false, false];

  const begin = (): void => {
    const log = openSync(logFile, 'a');
    child = fork(PROGRAM, ['serve', name, ...(hold ? ['--hold'] : [])], {
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...env, PORT: String(port) },
    });
    closeSync(log);
    // Whoever finds this folder after a killed run ends the process.
    const ref = child.pid === undefined ? undefined : refer(child.pid);
    if (ref) writeFileSync(path.join(dir, `${name}-${port}.pid.json`), JSON.stringify(ref));
    serving = hears(child, 'ready');
    serving.catch(() => undefined);
    const began = Date.now();
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (!killed) {
        const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
        ended.push(`${name} ended by itself (${signal ?? code}): ${last.slice(0, 300)}`);
      }
      killed = false;
      if (Date.now() - began > 1_000) begin();
      else void sleep(PAUSE_MS).then(() => stopping || begin());
    });
  };
  begin();

  return {
    name,
    url: `http://127.0.0.1:${port}`,
    ended,
    get pid() {
      return child.pid;
    },
    async ready() {
      for (;;) {
        const present = serving;
        if (
          await present.then(
            () => true,
            () => false,
          )
        )
          return;
        if (present === serving) await sleep(50);
        if (ended.length > 5) throw new Error(`${name} does not start: ${ended.at(-1)}`);
      }
    },
    async kill() {
      const present = child;
      if (present.exitCode !== null || present.signalCode !== null) return;
      killed = true;
      present.kill('SIGKILL');
      await gone(present);
    },
    signal: (signal) => void child.kill(signal),
    async replace() {
      const replaced = hears(child, 'replaced');
      child.kill('SIGHUP');
      await replaced;
    },
    async stop() {
      stopping = true;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone(child);
      clearTimeout(late);
    },
  };
};
