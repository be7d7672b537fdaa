import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { LauncherError } from '../failure.ts';
import { readJson, writeJson } from '../home/json.file.ts';
import { refer, stopProcess } from '../process/process.ts';

/** A server that the launcher runs as a child. */
export interface EmbeddedPart {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Resolves with the reason, in words, when the child ends, wanted or not. */
  readonly exited: Promise<string>;
  /** Asks it to stop; ends it by force after its grace time. */
  stop(): Promise<void>;
  /** Ends it at once; it recovers at the next start. */
  kill(): Promise<void>;
}

export interface PartSpec {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whose rights it runs with; absent: ours. */
  readonly credentials: { uid: number; gid: number } | undefined;
  /** Its standard output and error; absent: thrown away. */
  readonly logFile: string;
  /** Remembers the process, so that the next start finds what a killed launcher left behind. */
  readonly recordFile: string;
  readonly stopSignal: NodeJS.Signals;
  readonly killSignal: NodeJS.Signals;
  readonly graceMs: number;
  readonly readyMs: number;
  ready(pid: number): Promise<boolean>;
}

const ProcessRecord = z.object({ pid: z.int(), began: z.string() });

/** Stops what an earlier launcher left running. @returns whether there was something */
export const stopLeftover = async (recordFile: string, ask: NodeJS.Signals): Promise<boolean> => {
  const left = readJson(recordFile, ProcessRecord);
  const running = left && refer(left.pid)?.began === left.began;
  if (running) await stopProcess(left, ask, 10_000);
  rmSync(recordFile, { force: true });
  return running ?? false;
};

const lastLines = (file: string, count: number): string[] => {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
};

const failedToStart = (spec: PartSpec, reason: string): LauncherError => {
  const lines = lastLines(spec.logFile, 5);
  const full = lines.some((line) => line.includes('No space left on device'));
  return new LauncherError(
    [`${spec.name} could not start: ${full ? 'the disk is full' : reason}`, ...lines.map((line) => `  ${line}`)].join(
      '\n',
    ),
    full ? 'Free at least 200 MB and start again.' : `Its log is ${spec.logFile}.`,
  );
};

/**
 * Starts a server in a process group of its own, so that Ctrl-C reaches the launcher alone and the server is stopped
 * after those who use it.
 * @throws LauncherError with the end of its log
 */
export const startPart = async (spec: PartSpec): Promise<EmbeddedPart> => {
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...spec.credentials,
  });
  closeSync(log);
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    const end = (reason: string): void => resolve((ended ??= reason));
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  const ref = child.pid === undefined ? undefined : refer(child.pid);
  if (ref) writeJson(spec.recordFile, ref);
  const stopBy = async (signal: NodeJS.Signals, graceMs: number): Promise<void> => {
    if (ref) await stopProcess(ref, signal, graceMs);
    rmSync(spec.recordFile, { force: true });
  };
  const end = Date.now() + spec.readyMs;
  while (ended === undefined && !(await spec.ready(child.pid ?? 0))) {
    if (Date.now() > end) {
      await stopBy(spec.stopSignal, 5_000);
      throw failedToStart(spec, `not ready after ${spec.readyMs / 1000} s`);
    }
    await sleep(15);
  }
  if (ended !== undefined || !ref) {
    rmSync(spec.recordFile, { force: true });
    throw failedToStart(spec, ended ?? 'it ended at once');
  }
  return {
    name: spec.name,
    pid: ref.pid,
    port: spec.port,
    exited,
    stop: () => stopBy(spec.stopSignal, spec.graceMs),
    kill: () => stopBy(spec.killSignal, 1_000),
  };
};
