import { accessSync, chmodSync, constants, existsSync, mkdirSync, renameSync, statSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { LauncherError, explained } from '../failure.ts';

/** Where everything that is not code lies. Paths are absolute. */
export interface Home {
  readonly dir: string;
  readonly secretsFile: string;
  readonly runFile: string;
  readonly bootFile: string;
  /** When the last backup was made, and where. */
  readonly backupFile: string;
  readonly portsFile: string;
  readonly postgresDir: string;
  readonly redisDir: string;
  readonly blobsDir: string;
  /** Mails, where there is no server to send them. */
  readonly mailDir: string;
  readonly logsDir: string;
  readonly logFile: string;
  /** Programs fetched for this machine. */
  readonly runtimeDir: string;
}

export const homeAt = (dir: string): Home => ({
  dir,
  secretsFile: path.join(dir, 'secrets.json'),
  runFile: path.join(dir, 'run.json'),
  bootFile: path.join(dir, 'boot.json'),
  backupFile: path.join(dir, 'backup.json'),
  portsFile: path.join(dir, 'ports.json'),
  postgresDir: path.join(dir, 'postgres'),
  redisDir: path.join(dir, 'redis'),
  blobsDir: path.join(dir, 'blobs'),
  mailDir: path.join(dir, 'mail'),
  logsDir: path.join(dir, 'logs'),
  logFile: path.join(dir, 'logs', 'atrium.log'),
  runtimeDir: path.join(dir, 'runtime'),
});

/** The folder itself, or the nearest one above it that exists. */
export const nearestExisting = (dir: string): string => (existsSync(dir) ? dir : nearestExisting(path.dirname(dir)));

/** Below this a start is refused: Postgres would stop in the middle of its work. */
export const FREE_BYTES_NEEDED = 200 * 1024 * 1024;

/** Bytes an ordinary user may still write on the disk of a folder. */
export const freeBytes = (dir: string): number => {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
};

/** Log files are kept for one generation once they pass this size. */
const LOG_BYTES = 50 * 1024 * 1024;

const turnLog = (file: string): void => {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) renameSync(file, `${file}.1`);
};

/**
 * Makes the folder and what is in it. Only the owner may look inside; as root the folder can be passed through
 * (not listed), because Postgres then runs as a user without rights and must reach its own folder in it.
 * @throws LauncherError when the disk is full or the folder cannot be used
 */
export const prepareHome = (home: Home): Promise<void> =>
  explained(() => {
    // Asked first, because making folders on a read-only disk fails with a misleading code.
    accessSync(nearestExisting(home.dir), constants.W_OK | constants.X_OK);
    mkdirSync(home.dir, { recursive: true, mode: 0o700 });
    accessSync(home.dir, constants.R_OK | constants.W_OK | constants.X_OK);
    const uid = process.getuid?.();
    if (uid !== undefined && statSync(home.dir).uid === uid) chmodSync(home.dir, uid === 0 ? 0o711 : 0o700);
    const free = freeBytes(home.dir);
    if (free < FREE_BYTES_NEEDED) {
      throw new LauncherError(
        `Only ${Math.floor(free / 1024 / 1024)} MB are free on the disk of ${home.dir}`,
        'Free at least 200 MB, or set ATRIUM_HOME to a folder on another disk.',
      );
    }
    for (const dir of [home.blobsDir, home.logsDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const name of ['atrium.log', 'postgres.log', 'redis.log']) turnLog(path.join(home.logsDir, name));
  });
