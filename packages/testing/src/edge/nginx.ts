import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An nginx that runs in a folder of its own. */
export interface Nginx {
  readonly pid: number;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const answers = async (url: string): Promise<boolean> => {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer !== undefined;
};

/**
 * Runs an nginx until it is stopped.
 * @param options.command the program, and what it is started with
 * @param options.write puts the configuration into the folder, beside `run` and `logs`; returns the main file
 * @param options.probe is answered as soon as it serves
 * @throws Error when it ends instead, with what it said
 */
export const runNginx = async (options: {
  command: readonly string[];
  env?: NodeJS.ProcessEnv;
  write: (dir: string) => string;
  probe: string;
}): Promise<Nginx> => {
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-nginx-'));
  for (const name of ['logs', 'run']) mkdirSync(path.join(dir, name));
  // Started by root its workers would be another user, who could not enter a private folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const args = ['-p', dir, '-c', options.write(dir), '-g', `daemon off;${user}`];
  const [program = '', ...before] = options.command;
  const child = spawn(program, [...before, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(options.env ? { env: options.env } : {}),
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(options.probe)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) {
      await stop();
      throw new Error(`nginx did not start: ${said.join('')}`);
    }
    await sleep(50);
  }
  return { pid: child.pid ?? 0, stop };
};
