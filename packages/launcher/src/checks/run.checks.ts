import { spawn } from 'node:child_process';
import type { Check } from './check.list.ts';

/** How a check went. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

const runCheck = (check: Check, root: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<CheckResult> =>
  new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(check.command, check.args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const done = (passed: boolean): void =>
      resolve({ name: check.name, passed, seconds: (performance.now() - began) / 1000, output: output.trim() });
    child.once('error', (error) => {
      output += error.message;
      done(false);
    });
    child.once('close', (code) => done(code === 0));
  });

/** Runs checks, so many at a time, and tells of each as it ends. */
export const runChecks = async (
  checks: readonly Check[],
  options: {
    root: string;
    env: NodeJS.ProcessEnv;
    atOnce: number;
    signal: AbortSignal;
    ended(result: CheckResult): void;
  },
): Promise<CheckResult[]> => {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check && !options.signal.aborted; check = waiting.shift()) {
      const result = await runCheck(check, options.root, options.env, options.signal);
      results.push(result);
      options.ended(result);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  return results;
};
