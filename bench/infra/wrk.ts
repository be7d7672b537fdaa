import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fetchProgram } from './debian.packages.ts';

const execute = promisify(execFile);

/** What a run of the load generator saw. */
export interface Load {
  readonly perSecond: number;
  readonly requests: number;
  /** Answers other than 2xx and 3xx, and broken connections. */
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const IN_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000 };

const readOutput = (text: string): Load => {
  const figure = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const latency = (share: string): number => {
    const [, value, unit = 'ms'] = new RegExp(`^\\s+${share}%\\s+([\\d.]+)(us|ms|s)$`, 'm').exec(text) ?? [];
    return Number(value) * (IN_MS[unit] ?? 1);
  };
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const broken = errors.reduce((sum, count) => sum + Number(count), 0);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0;
  const load = {
    perSecond: figure(/^Requests\/sec:\s+([\d.]+)$/m),
    requests: figure(/^\s+(\d+) requests in /m),
    failures: broken + Number(refused),
    p50Ms: latency('50'),
    p99Ms: latency('99'),
  };
  if (!(load.perSecond > 0) || !(load.requests > 0)) throw new Error(`wrk said nothing that can be read:\n${text}`);
  return load;
};

/** The load generator: one thread, 32 connections, each sending its next request when it has the last answer. */
export const findWrk = async (runtimeDir: string, say: (line: string) => void) => {
  const { command, env } = await fetchProgram(
    { packages: ['wrk', 'libluajit-5.1-2'], program: 'usr/bin/wrk', version: '4.1.0', versionFlag: '--version' },
    runtimeDir,
    say,
  );
  return async (
    url: string,
    seconds: number,
    headers: Readonly<Record<string, string>>,
    /** A Lua file that makes the requests. */
    script?: string,
  ): Promise<Load> => {
    const flags = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const shape = ['-t1', '-c32', `-d${seconds}s`, '--timeout', '5s', '--latency'];
    const scripted = script === undefined ? [] : ['-s', script];
    const { stdout } = await execute(command, [...shape, ...flags, ...scripted, url], {
      env,
      timeout: (seconds + 20) * 1_000,
    });
    return readOutput(stdout);
  };
};
export type Wrk = Awaited<ReturnType<typeof findWrk>>;
