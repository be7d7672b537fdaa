import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Runs a program to its end with our terminal. @returns its exit code, 128 + the signal's number when one ended it */
export const runChild = (
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: 'inherit' });
    const interrupt = (): void => void child.kill('SIGTERM');
    options.signal?.addEventListener('abort', interrupt, { once: true });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      options.signal?.removeEventListener('abort', interrupt);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
