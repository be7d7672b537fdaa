// Installs what the lockfile names, then runs the launcher on the pinned Node. Plain JavaScript for any Node from 18 on.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const NO_NPX = 'npx was not found';
const startedAt = Date.now();
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, 'node_modules', '.bin');
const pinnedNode = path.join(bin, 'node');
const stampFile = path.join(root, 'node_modules', '.atrium-stamp');
const launcher = path.join(root, 'packages', 'launcher', 'src', 'main.ts');

const say = (line) => process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)}s  ${line}\n`);
const fail = (...lines) => {
  process.stderr.write(`\natrium: ${lines.join('\n        ')}\n`);
  process.exit(1);
};

const wantedStamp = () =>
  `${process.platform}-${process.arch} ` +
  createHash('sha256')
    .update(readFileSync(path.join(root, 'pnpm-lock.yaml')))
    .digest('hex');

const installed = () => {
  try {
    return readFileSync(stampFile, 'utf8').trim() === wantedStamp();
  } catch {
    return false;
  }
};

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Takes the install lock, or waits for whoever holds it; a lock whose holder died is taken over. */
const lockInstall = async () => {
  const lock = path.join(tmpdir(), `atrium-install-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
  const holder = path.join(lock, 'pid');
  let told = false;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(holder, String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    let pid = 0;
    try {
      pid = Number(readFileSync(holder, 'utf8'));
    } catch {
      // Between the holder's mkdir and its write, or just released.
    }
    const age = () => Date.now() - statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (pid > 0 ? !alive(pid) : age() > 5_000) rmSync(lock, { recursive: true, force: true });
    else if (!told) {
      say('another install of this folder is running; waiting for it');
      told = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const requireWritable = () => {
  const modules = path.join(root, 'node_modules');
  const target = existsSync(modules) ? modules : root;
  try {
    accessSync(target, constants.W_OK);
  } catch (error) {
    fail(
      error.code === 'EROFS'
        ? `${target} is on a read-only file system, so the dependencies cannot be installed.`
        : `the dependencies must be installed, but this user cannot write to ${target} (it belongs to uid ${statSync(target).uid}).`,
      'Run it as the owner, or work on your own copy of the folder.',
    );
  }
};

/** Runs the package manager; its chatter is shown only if it fails. */
const runInstall = () =>
  new Promise((resolve) => {
    const args = ['--yes', PNPM, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
    const child = spawn('npx', args, {
      cwd: root,
      env: { ...process.env, CI: 'true', npm_config_update_notifier: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    const keep = (chunk) =>
      output.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line.trim() && !/^npm warn/i.test(line)),
      );
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const ticker = setInterval(() => say(`installing … ${output.at(-1)?.slice(0, 100) ?? ''}`), 5_000);
    const interrupt = () => child.kill('SIGTERM');
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const done = (code, reason) => {
      clearInterval(ticker);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve({ code, reason, tail: output.slice(-25) });
    };
    child.on('error', (error) => done(1, error.code === 'ENOENT' ? NO_NPX : error.message));
    child.on('close', (code, signal) => done(code ?? 1, signal ? `stopped by ${signal}` : `exit code ${code}`));
  });

const install = async () => {
  requireWritable();
  const unlock = await lockInstall();
  try {
    if (installed()) return;
    say(`installing the dependencies (once, and again when pnpm-lock.yaml changes)`);
    const { code, reason, tail } = await runInstall();
    if (code !== 0) {
      unlock();
      fail(
        `the dependencies could not be installed (${reason})${tail.length > 0 ? '. What the installer said last:' : ''}`,
        ...tail.map((line) => `  ${line}`),
        reason === NO_NPX
          ? 'npx comes with npm: install npm, then run the same command again.'
          : 'Check that npm reaches its registry (npm ping) and that the disk has 1.5 GB free, then run the same command again.',
      );
    }
    writeFileSync(stampFile, `${wantedStamp()}\n`);
    say('dependencies installed');
  } finally {
    unlock();
  }
};

/** The pinned Node, or this one where the registry has no build for the platform. */
const chooseNode = () => {
  if (existsSync(pinnedNode)) return pinnedNode;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `there is no packaged Node 24 for ${process.platform}-${process.arch}, and this one is ${process.version}.`,
    'Install Node 24 or newer, then run the same command again.',
  );
};

const coldInstall = !installed();
if (coldInstall) await install();

const node = chooseNode();
process.env.PATH = bin + path.delimiter + (process.env.PATH ?? '');
process.env.ATRIUM_STARTED_AT = String(startedAt);
if (coldInstall) process.env.ATRIUM_INSTALLED = '1';

if (realpathSync(node) === realpathSync(process.execPath)) {
  process.argv[1] = launcher;
  await import(pathToFileURL(launcher).href);
} else {
  // The launcher watches this pipe: if this process is killed, it sees the end and stops by itself.
  const child = spawn(node, [launcher, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, ATRIUM_PARENT_PIPE: '3' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm does not hand SIGTERM on to its scripts; when it is gone, what it started should stop as well.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1_000).unref();
  }
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) =>
    process.exit(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGKILL' ? 137 : 143)),
  );
}
