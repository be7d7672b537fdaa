import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';
import type { Answer, Call } from './answer.calls.ts';

/** One side of a comparison, running in a process of its own. */
export interface Side {
  readonly pid: number;
  /** Has the process do something and waits for what it says; `withinMs` bounds the wait. */
  call<Result extends z.ZodType>(
    name: string,
    value: unknown,
    result: Result,
    withinMs?: number,
  ): Promise<z.output<Result>>;
  stop(): Promise<void>;
}

const STOP_MS = 10_000;

/**
 * Starts a program that answers calls (see answer.calls.ts).
 * @param prefix a command to run it under, such as taskset
 */
export const startSide = async (options: {
  file: string;
  env: NodeJS.ProcessEnv;
  prefix?: readonly string[];
  nodeFlags?: readonly string[];
}): Promise<Side> => {
  const [command = process.execPath, ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    ...(options.nodeFlags ?? []),
    options.file,
  ];
  const child = spawn(command, args, {
    // Only what the sides need: settings of the caller's shell would reach some sides and not others.
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...options.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on('message', (message) => {
    const { id, result, error } = message as Answer;
    const one = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) one?.resolve(result);
    else one?.reject(new Error(error));
  });
  const ended = once(child, 'exit');
  void ended.then(([code, signal]) => {
    for (const one of waiting.values()) {
      one.reject(new Error(`${options.file} ended (${String(signal ?? code)}) before it answered`));
    }
  });
  let calls = 0;
  return {
    pid,
    async call(name, value, result, withinMs = 120_000) {
      const id = (calls += 1);
      const answered = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
      child.send({ id, name, value } satisfies Call);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${name} took longer than ${withinMs / 1000} s`)), withinMs);
      });
      try {
        return result.parse(await Promise.race([answered, late]));
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
};
