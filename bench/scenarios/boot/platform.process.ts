import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const RunRecord = z.object({ state: z.string(), urls: z.record(z.string(), z.string()) });

/** A platform that was started with the command a person types. */
export interface PlatformProcess {
  readonly pid: number;
  /** From the command to the moment every role says that it is ready. */
  readonly seconds: number;
  readonly roles: number;
  stop(): Promise<void>;
}

const READY_MS = 120_000;

const readRun = (file: string): z.infer<typeof RunRecord> | undefined => {
  try {
    return RunRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Not written yet, or only half of it.
    return undefined;
  }
};

const isReady = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
  if (!answer?.ok) return false;
  const { status } = (await answer.json()) as { status: string };
  return status === 'ready';
};

/**
 * Runs `./atrium start` on a home of its own and waits for all roles.
 * @throws Error with the end of what it said when it does not become ready
 */
export const startPlatformProcess = async (options: {
  root: string;
  home: string;
  portBase: number;
  env: NodeJS.ProcessEnv;
  prefix: readonly string[];
}): Promise<PlatformProcess> => {
  const { root, home, portBase, prefix } = options;
  const outside = /^(DATABASE_URL|REDIS_URL|S3_|ATRIUM_|PORT$|LOG_)/;
  const inherited = Object.fromEntries(Object.entries(options.env).filter(([name]) => !outside.test(name)));
  const atrium = path.join(root, 'atrium');
  const [command = atrium, ...args] = [...prefix, atrium, 'start'];
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env: { ...inherited, ATRIUM_HOME: home, ATRIUM_PORT_BASE: String(portBase) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (said = `${said}${chunk}`.slice(-4_000)));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const file = path.join(home, 'run.json');
  for (;;) {
    const run = existsSync(file) ? readRun(file) : undefined;
    if (run?.state === 'ready') {
      const urls = Object.values(run.urls);
      const ready = await Promise.all(urls.map(isReady));
      if (ready.every(Boolean)) {
        return { pid: child.pid ?? 0, seconds: (performance.now() - started) / 1_000, roles: urls.length, stop };
      }
    }
    if (child.exitCode !== null || performance.now() - started > READY_MS) {
      await stop();
      throw new Error(`./atrium start did not become ready:\n${said}`);
    }
    await sleep(20);
  }
};
