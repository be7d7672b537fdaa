import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts, runNginx } from '@atrium/testing';

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
  const [port = 0, secure = 0] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  let tls = false;
  const write = (dir: string): string => {
    const conf = path.join(dir, 'conf');
    cpSync(CONFIGURATION, conf, { recursive: true });
    const site = (name: string): string => path.join(conf, 'site', name);
    writeFileSync(site('listen.conf'), `listen 127.0.0.1:${port};\n`);
    writeFileSync(site('upstream.conf'), `map "" $gateway { default ${gateway}; }\n`);
    rmSync(site('services.conf'));
    if (services) openShortcut(site, services);
    mkdirSync(path.join(conf, 'certificates'));
    tls = certificate(path.join(conf, 'certificates'));
    if (tls) {
      const example = readFileSync(site('tls.conf.example'), 'utf8');
      writeFileSync(site('tls.conf'), example.replace('listen 8443', `listen 127.0.0.1:${secure}`));
    }
    return path.join(conf, 'nginx.conf');
  };
  const { pid, stop } = await runNginx({ command: [program], write, probe: `${url}/health/live` });
  return { port, url, tlsPort: tls ? secure : undefined, memory: () => residentOf(pid), stop };
};
