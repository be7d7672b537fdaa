import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../src/process/ports.ts';

const CONFIGURATION = path.resolve(import.meta.dirname, '../../../../nginx');

/** The nginx of this machine: `NGINX_PROGRAM`, or the first one on the PATH. */
export const nginxProgram = (): string | undefined => {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return [process.env.NGINX_PROGRAM, ...folders.map((dir) => path.join(dir, 'nginx'))].find(
    (file) => file && existsSync(file),
  );
};

export interface Edge {
  readonly port: number;
  readonly url: string;
  readonly tlsPort: number | undefined;
  /** Resident memory of all its processes, in MiB. */
  memory(): number;
  stop(): Promise<void>;
}

const certificate = (dir: string): boolean => {
  const [key, cert] = [path.join(dir, 'privkey.pem'), path.join(dir, 'fullchain.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  try {
    const rest = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...request, ...rest], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const residentOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024 + children.reduce((sum, id) => sum + residentOf(id), 0);
};

const accepts = async (url: string): Promise<boolean> => {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer !== undefined;
};

/** The short cut as the example has it, with the services where they are: `name:port` in it to `host:port`. */
const openShortcut = (site: (name: string) => string, services: Readonly<Record<string, string>>): void => {
  const example = readFileSync(site('shortcut.conf.example'), 'utf8');
  const placed = Object.entries(services).reduce(
    (text, [name, at]) => text.replaceAll(` ${name};`, ` ${at};`),
    example,
  );
  writeFileSync(site('shortcut.conf'), placed);
};

/**
 * Starts a real nginx with the configuration of this repository; only where it listens and where the gateway is are
 * told otherwise.
 * @param gateway `host:port`
 * @param services opens the short cut to these
 */
export const startEdge = async (
  program: string,
  gateway: string,
  services?: Readonly<Record<string, string>>,
): Promise<Edge> => {
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-edge-'));
  const [conf, port, secure] = [path.join(dir, 'conf'), await freePort(), await freePort()];
  cpSync(CONFIGURATION, conf, { recursive: true });
  mkdirSync(path.join(dir, 'run'));
  const site = (name: string): string => path.join(conf, 'site', name);
  writeFileSync(site('listen.conf'), `listen 127.0.0.1:${port};\n`);
  writeFileSync(site('upstream.conf'), `map "" $gateway { default ${gateway}; }\n`);
  rmSync(site('services.conf'));
  if (services) openShortcut(site, services);
  mkdirSync(path.join(conf, 'certificates'));
  const tls = certificate(path.join(conf, 'certificates'));
  if (tls) {
    const example = readFileSync(site('tls.conf.example'), 'utf8');
    writeFileSync(site('tls.conf'), example.replace('listen 8443', `listen 127.0.0.1:${secure}`));
  }
  // Started by root its workers would be another user, who could not enter a private folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const args = ['-p', dir, '-c', path.join(conf, 'nginx.conf'), '-g', `daemon off;${user}`];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await accepts(`${url}/health/live`)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) {
      await stop();
      throw new Error(`nginx did not start: ${said.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, url, tlsPort: tls ? secure : undefined, memory: () => residentOf(child.pid ?? 0), stop };
};
