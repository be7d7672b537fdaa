import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { freePort, isFree } from '../src/process/ports.ts';
import { temporaryFolder } from './temporary.ts';

const program = path.join(import.meta.dirname, 'fixtures', 'fake.platform.ts');

/** Three fake roles on the servers of the test run, in a process of their own. */
const run = (home: string, portBase: number, args: string[], env: NodeJS.ProcessEnv = {}) => {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none',
      REDIS_URL: 'redis://127.0.0.1:1',
      ATRIUM_HOME: home,
      ATRIUM_PORT_BASE: String(portBase),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += String(chunk)));
  child.stderr?.on('data', (chunk) => (said += String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    exited,
    said: () => said,
    async until(text: string): Promise<void> {
      for (const end = Date.now() + 20_000; !said.includes(text); await sleep(20)) {
        if (Date.now() > end || child.exitCode !== null) throw new Error(`"${text}" was not said, but:\n${said}`);
      }
    },
  };
};

/** A base whose three ports are free. */
const freeBase = async (): Promise<number> => {
  for (;;) {
    const base = (await freePort()) % 60_000;
    if (base > 1_024 && (await isFree(base)) && (await isFree(base + 1)) && (await isFree(base + 4))) return base;
  }
};

describe('start', () => {
  it('runs until it is asked to stop, drains the gateway first, and leaves nothing', async () => {
    using folder = temporaryFolder();
    const home = path.join(folder.path, 'home');
    const base = await freeBase();
    const first = run(home, base, ['start']);
    await first.until('Atrium is ready');
    expect(first.said()).toContain(`http://127.0.0.1:${base}/docs`);
    expect(first.said()).toContain('demo@atrium.local');
    expect(await (await fetch(`http://127.0.0.1:${base + 4}/`)).text()).toContain('ready');

    const second = run(home, base, ['start']);
    expect(await second.exited).toBe(1);
    expect(second.said()).toContain('Atrium is already running here');

    const stop = run(home, base, ['stop']);
    expect(await stop.exited).toBe(0);
    expect(await first.exited).toBe(0);
    const drained = first.said().match(/\w+(?= drained)/g);
    expect(drained).toEqual(['gateway', 'billing', 'auth']);
    expect(existsSync(path.join(home, 'run.json'))).toBe(false);
    expect(JSON.parse(readFileSync(path.join(home, 'boot.json'), 'utf8'))).toHaveProperty('warm.seconds');
  }, 180_000);

  it('stops at once at the second signal', async () => {
    using folder = temporaryFolder();
    const started = run(path.join(folder.path, 'home'), await freeBase(), ['start'], { FAKE_DRAIN_MS: '30000' });
    await started.until('Atrium is ready');
    started.child.kill('SIGINT');
    await started.until('stopping (SIGINT)');
    await sleep(500);
    started.child.kill('SIGINT');
    expect(await started.exited).toBe(1);
    expect(started.said()).not.toContain('drained');
  }, 180_000);

  it('names the role that fails at the start and stops the others', async () => {
    using folder = temporaryFolder();
    const started = run(path.join(folder.path, 'home'), await freeBase(), ['start'], {
      FAKE_FAILS_AT_START: 'billing',
    });
    expect(await started.exited).toBe(1);
    expect(started.said()).toContain('The role billing could not start: it was told to fail');
    expect(started.said()).toContain('auth drained');
  }, 180_000);

  it('names the role that fails later and stops', async () => {
    using folder = temporaryFolder();
    const started = run(path.join(folder.path, 'home'), await freeBase(), ['start'], { FAKE_FAILS_LATER: 'auth' });
    expect(await started.exited).toBe(1);
    expect(started.said()).toContain('The role auth failed');
    expect(started.said()).toContain('gateway drained');
  }, 180_000);

  it('names the port that is taken, its holder and a way out', async () => {
    using folder = temporaryFolder();
    const base = await freeBase();
    const holder = createServer().listen(base + 4, '127.0.0.1');
    try {
      const started = run(path.join(folder.path, 'home'), base, ['start']);
      expect(await started.exited).toBe(1);
      expect(started.said()).toContain(`Port ${base + 4}, which billing needs, is taken`);
      expect(started.said()).toContain(`ATRIUM_PORT_BASE=${base + 100}`);
      if (process.platform === 'linux') expect(started.said()).toContain(`pid ${process.pid}`);
    } finally {
      holder.close();
    }
  }, 180_000);
});
