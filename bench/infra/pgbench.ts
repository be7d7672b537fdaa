import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fetchProgram } from './debian.packages.ts';

const execute = promisify(execFile);

const VERSION = '15.';
/** The program and the libraries that only it needs here. */
const PACKAGES = [
  ...['postgresql-15', 'libpq5', 'libldap-2.5-0', 'libsasl2-2', 'libgssapi-krb5-2'],
  ...['libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libcom-err2', 'libkeyutils1'],
];
const CLIENTS = 8;
const SCALE = 10;

export const PGBENCH_NAME = `pgbench TPC-B, scale ${SCALE}, ${CLIENTS} clients, prepared`;

/**
 * Postgres' own benchmark on a database of its own. It is the client of another major release than the server, which
 * the protocol allows for.
 * @param prefix put before the command, such as taskset
 */
export const preparePgbench = async (options: {
  runtimeDir: string;
  databaseUrl: string;
  prefix: readonly string[];
  say: (line: string) => void;
}) => {
  const { runtimeDir, databaseUrl, prefix, say } = options;
  const program = 'usr/lib/postgresql/15/bin/pgbench';
  const wanted = { packages: PACKAGES, program, version: VERSION, versionFlag: '--version' };
  const { command, env } = await fetchProgram(wanted, runtimeDir, say);
  const run = async (flags: readonly string[], timeout: number): Promise<string> => {
    const [first = command, ...rest] = [...prefix, command, ...flags, databaseUrl];
    return (await execute(first, rest, { env: { PATH: process.env.PATH, ...env }, timeout })).stdout;
  };
  await run(['-i', '-q', '-s', String(SCALE)], 120_000);
  return async (seconds: number): Promise<{ perSecond: number; failed: number }> => {
    const flags = ['-n', '-M', 'prepared', '-c', String(CLIENTS), '-j', '1', '-T', String(seconds)];
    const text = await run(flags, (seconds + 30) * 1_000);
    const perSecond = Number(/^tps = ([\d.]+)/m.exec(text)?.[1]);
    if (!(perSecond > 0)) throw new Error(`pgbench said nothing that can be read:\n${text}`);
    return { perSecond, failed: Number(/^number of failed transactions: (\d+)/m.exec(text)?.[1] ?? 0) };
  };
};
type Pgbench = Awaited<ReturnType<typeof preparePgbench>>;
