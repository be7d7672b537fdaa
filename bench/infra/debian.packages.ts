import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A program out of a Debian package, run from a folder of ours. */
export interface DebianProgram {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What is asked for. Only this upstream version is taken, so that results can be compared. */
export interface Wanted {
  readonly packages: readonly string[];
  /** Inside the package. */
  readonly program: string;
  readonly version: string;
  /** Arguments that make the program tell its version. */
  readonly versionFlag: string;
}

const unpack = async (tree: string, packages: readonly string[]): Promise<void> => {
  const parent = path.dirname(tree);
  mkdirSync(parent, { recursive: true });
  const work = mkdtempSync(`${tree}.fetch-`);
  const folder = (name: string): string => path.join(work, name);
  for (const name of ['lists/partial', 'cache/archives/partial', 'state', 'debs', 'tree']) {
    mkdirSync(folder(name), { recursive: true });
  }
  const settings = {
    'Dir::State': folder('state'),
    'Dir::State::lists': folder('lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': folder('cache'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::http::Timeout': '20',
    'Acquire::Languages': 'none',
  };
  const flags = ['-qq', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  try {
    await execute('apt-get', [...flags, 'update'], { cwd: work });
    await execute('apt-get', [...flags, 'download', ...packages], { cwd: folder('debs') });
    for (const file of readdirSync(folder('debs'))) {
      await execute('dpkg-deb', ['-x', path.join(folder('debs'), file), folder('tree')]);
    }
    renameSync(folder('tree'), tree);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const librariesIn = (tree: string): string[] =>
  ['usr/lib', 'lib'].flatMap((dir) => {
    const full = path.join(tree, dir);
    const names = existsSync(full) ? readdirSync(full) : [];
    return names.filter((name) => name.includes('-linux-')).map((name) => path.join(full, name));
  });

/**
 * Fetches a program from the distribution's packages into a private folder, once; no root rights, nothing installed.
 * @param runtimeDir where fetched programs are kept
 * @throws Error when it cannot be had here in the version asked for
 */
export const fetchProgram = async (
  wanted: Wanted,
  runtimeDir: string,
  say: (line: string) => void,
): Promise<DebianProgram> => {
  const tree = path.join(runtimeDir, `bench-${path.basename(wanted.program)}-${wanted.version}`);
  const command = path.join(tree, wanted.program);
  if (!existsSync(command)) {
    say(`fetching ${wanted.packages.join(', ')} from the distribution's packages`);
    await unpack(tree, wanted.packages);
  }
  const env = { LD_LIBRARY_PATH: librariesIn(tree).join(':') };
  // Some print their version and exit with 1.
  const { stdout, stderr } = await execute(command, [wanted.versionFlag], { env }).catch(
    (error: { stdout?: string; stderr?: string }) => ({ stdout: error.stdout ?? '', stderr: error.stderr ?? '' }),
  );
  if (`${stdout}${stderr}`.includes(wanted.version)) return { command, env };
  rmSync(tree, { recursive: true, force: true });
  throw new Error(`the distribution has another version of ${wanted.program} than ${wanted.version}`);
};
