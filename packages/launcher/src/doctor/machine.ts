import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import type { LauncherConfig } from '../config.ts';
import { FREE_BYTES_NEEDED, freeBytes, nearestExisting, type Home } from '../home/home.ts';
import { note, ok, problem, type Finding } from './finding.ts';

const MB = 1024 * 1024;

const memory = (): Finding => {
  const free = Math.round(os.freemem() / MB);
  const text = `${free} MB free of ${Math.round(os.totalmem() / MB)} MB`;
  return free < 512 ? problem('memory', text, 'Atrium needs about 500 MB: end other programs.') : ok('memory', text);
};

const disk = (home: Home): Finding[] => {
  const dir = nearestExisting(home.dir);
  const free = freeBytes(dir);
  const text = `${Math.round(free / MB)} MB free for ${home.dir}`;
  const space =
    free < FREE_BYTES_NEEDED
      ? problem('disk', text, 'Free at least 200 MB, or set ATRIUM_HOME to a folder on another disk.')
      : ok('disk', text);
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch {
    const advice = 'Run as the owner of that folder, or set ATRIUM_HOME to a folder of your own.';
    return [space, problem('data folder', `${dir} cannot be written to`, advice)];
  }
  const secrets = statSync(home.secretsFile, { throwIfNoEntry: false });
  if (secrets && (secrets.mode & 0o077) !== 0) {
    const advice = `chmod 600 ${home.secretsFile}`;
    return [space, problem('secrets', 'other users of this machine can read the secrets', advice)];
  }
  return [space, ok('data folder', `${home.dir}${secrets ? '' : ' (not made yet)'}`)];
};

/** The machine itself: system, Node, memory, disk. */
export const lookAtMachine = (config: LauncherConfig, home: Home): Finding[] => {
  const major = Number(process.versions.node.split('.')[0]);
  const root = process.getuid?.() === 0 ? note('user', 'root: the embedded Postgres runs as uid 65534') : undefined;
  return [
    ok('machine', `${os.type()} ${os.release()} ${os.arch()}, ${os.availableParallelism()} cores`),
    major >= 24
      ? ok('node', `${process.version} (${process.execPath})`)
      : problem('node', `${process.version} is too old`, 'Start through ./atrium, which brings its own.'),
    ok('code', config.root),
    ...(root ? [root] : []),
    memory(),
    ...disk(home),
  ];
};
