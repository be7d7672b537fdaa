import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../failure.ts';

const execute = promisify(execFile);

/** The server's packages, and the libraries it may need that a small machine lacks. The system's own C library stays. */
const wanted = (name: string): boolean =>
  /^(redis|valkey|lib|lua)/.test(name) &&
  !/^(libc6|libc-bin|libc-l10n|libpam|libperl|libaudit|libselinux|libpcre)/.test(name);

/** Runs one of apt's programs with lists, cache and locks in a folder of ours. */
const aptIn = (dir: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined) => {
  const options = {
    'Dir::State': path.join(dir, 'state'),
    'Dir::State::lists': path.join(dir, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(dir, 'cache'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
    'Acquire::Languages': 'none',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return async (program: string, args: string[], cwd: string): Promise<string> => {
    const { stdout } = await execute(program, [...flags, ...args], { cwd, env, maxBuffer: 64 * 1024 * 1024, signal });
    return stdout;
  };
};

/** apt reads proxies from the environment; its helpers may lie where an ordinary user's PATH does not look. */
const aptEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  PATH: `${env.PATH ?? ''}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  LC_ALL: 'C',
  DEBIAN_FRONTEND: 'noninteractive',
});

/** The first of the servers that the distribution has, with everything of its dependencies we take. */
const packagesOf = async (apt: ReturnType<typeof aptIn>, cwd: string): Promise<string[]> => {
  const leaveOut = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  for (const server of ['redis-server', 'valkey-server']) {
    try {
      const said = await apt('apt-cache', ['depends', '--recurse', ...leaveOut, server], cwd);
      const names = said
        .split('\n')
        .filter((line) => /^[a-z0-9]/.test(line))
        .map((line) => line.trim());
      if (names.includes(server)) return [...new Set(names)].filter(wanted);
    } catch {
      // The distribution does not have this one.
    }
  }
  throw new Error('the package lists of this machine name neither redis-server nor valkey-server');
};

const whatFailed = (error: unknown, step: string): Error => {
  if (errorCode(error) === 'ENOENT') return new Error('this machine has no apt to fetch it with');
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n') : [];
  const line = said.filter((text) => /^(E:|Err|W:)/.test(text)).at(-1) ?? said.at(-1);
  return new Error(`${step} failed${line ? ` (${line})` : ''}`, { cause: error });
};

/**
 * Fetches Redis from the machine's own Debian or Ubuntu package source and unpacks it, without installing anything
 * and without root rights. apt checks the signatures.
 * @param tree where the unpacked packages shall lie; appears only when whole
 */
export const fetchRedis = async (
  tree: string,
  { env, say, signal }: { env: NodeJS.ProcessEnv; say(line: string): void; signal?: AbortSignal | undefined },
): Promise<void> => {
  mkdirSync(path.dirname(tree), { recursive: true, mode: 0o700 });
  const work = mkdtempSync(`${tree}.fetch-`);
  const debs = path.join(work, 'debs');
  const unpacked = path.join(work, 'tree');
  for (const dir of ['lists/partial', 'cache/archives/partial', 'state', 'debs', 'tree']) {
    mkdirSync(path.join(work, dir), { recursive: true });
  }
  const apt = aptIn(work, aptEnv(env), signal);
  let step = 'reading the package lists';
  try {
    say('Redis is not on this machine; fetching it from the distribution’s packages (once, about 15 s)');
    await apt('apt-get', ['-qq', 'update'], work);
    const packages = await packagesOf(apt, work);
    step = 'downloading the packages';
    say(`fetching ${packages.length} packages`);
    await apt('apt-get', ['-qq', 'download', ...packages], debs);
    step = 'unpacking the packages';
    for (const file of readdirSync(debs)) {
      await execute('dpkg-deb', ['-x', path.join(debs, file), unpacked], { env: aptEnv(env), signal });
    }
    renameSync(unpacked, tree);
  } catch (error) {
    // Another start may have brought it meanwhile; then the rename fails and its tree serves as well.
    if (!existsSync(tree)) throw whatFailed(error, step);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
