import { execFile, type ExecFileException } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, errorText } from '../failure.ts';
import { commandOf, refer, stopProcess } from '../process/process.ts';
import { startPart, stopLeftover, type EmbeddedPart, type PartSpec } from './part.ts';
import { placePostgres, type PostgresPlace } from './postgres.place.ts';

/** The database of the platform and the role that owns it. */
const DATABASE = 'atrium';
const SUPERUSER = 'postgres';

export interface PostgresOptions {
  readonly dataDir: string;
  /** Chooses the port; asked once nothing of ours holds it any more. */
  port(): Promise<number>;
  /** Password of the superuser; fixed when the data folder is made. */
  readonly password: string;
  /** Names data that must be kept outside a home which is closed to other users. */
  readonly installation: string;
  readonly logFile: string;
  readonly recordFile: string;
  /** `false` gives up surviving a crash for speed; for tests. */
  readonly durable: boolean;
  readonly maxConnections: number;
  say(line: string): void;
}

/** A running Postgres of our own. */
export interface EmbeddedPostgres extends EmbeddedPart {
  readonly url: string;
  readonly dataDir: string;
  readonly version: string;
  /** Whether the data folder was made by this start. */
  readonly fresh: boolean;
}

const run = (
  command: string,
  args: string[],
  input: string,
  credentials: PostgresPlace['credentials'],
): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      if (!error) return resolve();
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-6).join('\n  ');
      const full = said.includes('No space left on device');
      reject(
        new LauncherError(
          `Postgres could not make its data folder${full ? ': the disk is full' : ''}\n  ${said || error.message}`,
          full
            ? 'Free at least 200 MB and start again.'
            : 'Set DATABASE_URL to a Postgres server to do without the embedded one.',
          { cause: error },
        ),
      );
    };
    const child = execFile(command, args, { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC' }, ...credentials }, done);
    child.stdin?.on('error', () => undefined).end(input);
  });

/** Makes the data folder beside its place and moves it there when whole: an interrupted start leaves no half of one. */
const initialise = async (place: PostgresPlace, password: string, durable: boolean): Promise<void> => {
  const { dataDir, programs, credentials } = place;
  const parent = path.dirname(dataDir);
  mkdirSync(parent, { recursive: true });
  const own = (target: string): void => {
    if (credentials) chownSync(target, credentials.uid, credentials.gid);
  };
  const making = mkdtempSync(`${dataDir}.making-`);
  const fresh = path.join(making, 'data');
  const passwordFile = path.join(making, 'password');
  try {
    chmodSync(making, 0o700);
    writeFileSync(passwordFile, password, { mode: 0o600 });
    for (const target of [making, passwordFile]) own(target);
    const locale = ['-E', 'UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'];
    const auth = ['-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    const sync = durable ? [] : ['--no-sync'];
    await run(path.join(programs, 'bin', 'initdb'), ['-D', fresh, ...auth, ...locale, ...sync], '', credentials);
    const single = ['--single', '-D', fresh, 'template1'];
    await run(path.join(programs, 'bin', 'postgres'), single, `create database ${DATABASE};\n`, credentials);
    renameSync(fresh, dataDir);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
};

/** The file a postmaster keeps: its pid first, its state in line 8. */
const postmasterFile = (dataDir: string): string[] => {
  try {
    return readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
};

/**
 * Stops a postmaster that still works on the data folder, and removes the file of one that is gone: its number may by
 * now be anybody's, which Postgres would take for a rival.
 */
const clearPostmaster = async (dataDir: string, { recordFile, say }: PostgresOptions): Promise<void> => {
  let stopped = await stopLeftover(recordFile, 'SIGINT');
  const pid = Number(postmasterFile(dataDir)[0]);
  const ref = pid > 0 && commandOf(pid).includes(dataDir) ? refer(pid) : undefined;
  if (ref) {
    await stopProcess(ref, 'SIGINT', 10_000);
    stopped = true;
  }
  rmSync(path.join(dataDir, 'postmaster.pid'), { force: true });
  if (stopped) say('stopped a Postgres that an earlier run left behind');
};

/** Connections of a postmaster that was killed hold its shared memory until they notice; that takes a moment. */
const startOnceFree = async (spec: PartSpec): Promise<EmbeddedPart> => {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await startPart(spec);
    } catch (error) {
      const held = errorText(error).includes('shared memory block');
      if (!held || Date.now() > end) throw error;
      await sleep(200);
    }
  }
};

const checkVersion = ({ dataDir, version }: PostgresPlace): void => {
  const major = version.split('.')[0] ?? '';
  const data = readFileSync(path.join(dataDir, 'PG_VERSION'), 'utf8').trim();
  if (data !== major) {
    throw new LauncherError(
      `${dataDir} was made by Postgres ${data}; this is Postgres ${major}`,
      `Move the data over with pg_dump and pg_restore of both versions, or move ${dataDir} away to start empty.`,
    );
  }
};

const settings = (options: PostgresOptions): string[] => {
  const values: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: options.maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // So much of the log is used again. Every new file of it is a standstill of tens of milliseconds for all who write.
    min_wal_size: '512MB',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
};

/**
 * Starts Postgres on a data folder of ours, making the folder the first time. Reachable from this machine only, by
 * password only. A postmaster left by a killed launcher is stopped first; a crash is recovered from by Postgres itself.
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  const place = placePostgres(options.dataDir, options.installation, options.say);
  const fresh = !existsSync(path.join(place.dataDir, 'PG_VERSION'));
  await clearPostmaster(place.dataDir, options);
  if (fresh) await initialise(place, options.password, options.durable);
  else checkVersion(place);
  const port = await options.port();
  const part = await startOnceFree({
    name: 'Postgres',
    port,
    command: path.join(place.programs, 'bin', 'postgres'),
    args: ['-D', place.dataDir, '-p', String(port), ...settings(options)],
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    credentials: place.credentials,
    logFile: options.logFile,
    recordFile: options.recordFile,
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
    graceMs: 20_000,
    readyMs: 60_000,
    ready: (pid) => {
      const lines = postmasterFile(place.dataDir);
      return Promise.resolve(Number(lines[0]) === pid && lines[7]?.trim() === 'ready');
    },
  });
  const url = `postgres://${SUPERUSER}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${DATABASE}`;
  return { ...part, url, dataDir: place.dataDir, version: place.version.split('-')[0] ?? place.version, fresh };
};
