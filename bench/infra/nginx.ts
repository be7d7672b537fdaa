import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchProgram } from './debian.packages.ts';

export const NGINX_VERSION = '1.22.1';

/** One worker that hands everything on, with kept connections on both sides and nothing else to do. */
const configuration = (dir: string, port: number, upstream: string): string => `
daemon off;
worker_processes 1;
error_log ${dir}/error.log crit;
pid ${dir}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  upstream service { server ${upstream}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} reuseport;
    location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://service; }
  }
}
`;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

const answers = async (url: string): Promise<boolean> => {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer !== undefined;
};

/** Starts nginx in front of an upstream. @throws Error when it cannot be had here */
export const startNginx = async (options: {
  runtimeDir: string;
  /** `host:port` */
  upstream: string;
  prefix: readonly string[];
  say(line: string): void;
}) => {
  const wanted = { packages: ['nginx'], program: 'usr/sbin/nginx', version: NGINX_VERSION, versionFlag: '-v' };
  const program = await fetchProgram(wanted, options.runtimeDir, options.say);
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-bench-nginx-'));
  mkdirSync(path.join(dir, 'logs'));
  const port = await freePort();
  const file = path.join(dir, 'nginx.conf');
  // Started by root its worker would be another user, who could not read what is in a private folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  writeFileSync(file, user + configuration(dir, port, options.upstream));
  const [command = program.command, ...args] = [...options.prefix, program.command, '-p', dir, '-c', file];
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...program.env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await answers(url)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) {
      await stop();
      throw new Error('nginx did not start');
    }
    await sleep(50);
  }
  return { pid: child.pid ?? 0, url, stop };
};
