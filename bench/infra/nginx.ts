import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchProgram } from './debian.packages.ts';

export const NGINX_VERSION = '1.22.1';

/** One worker that hands everything on, with kept connections on both sides and nothing else to do. */
const configuration = (dir: string, port: number, upstream: string): string => `
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

/** Where nginx is started from, and on what. */
export interface NginxPlace {
  readonly runtimeDir: string;
  readonly prefix: readonly string[];
  say(line: string): void;
}

/**
 * Starts nginx on a free port.
 * @param write puts the configuration into a folder of its own; returns the main file
 * @throws Error when it cannot be had here
 */
export const runNginx = async (place: NginxPlace, write: (dir: string, port: number) => string) => {
  const wanted = { packages: ['nginx'], program: 'usr/sbin/nginx', version: NGINX_VERSION, versionFlag: '-v' };
  const program = await fetchProgram(wanted, place.runtimeDir, place.say);
  const dir = mkdtempSync(path.join(tmpdir(), 'atrium-bench-nginx-'));
  mkdirSync(path.join(dir, 'logs'));
  mkdirSync(path.join(dir, 'run'));
  const port = await freePort();
  const file = write(dir, port);
  // Started by root its worker would be another user, who could not read what is in a private folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const more = ['-g', `daemon off;${user}`];
  const [command = program.command, ...args] = [...place.prefix, program.command, '-p', dir, '-c', file, ...more];
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

/** Starts nginx in front of an upstream (`host:port`). @throws Error when it cannot be had here */
export const startNginx = (place: NginxPlace, upstream: string) =>
  runNginx(place, (dir, port) => {
    const file = path.join(dir, 'nginx.conf');
    writeFileSync(file, configuration(dir, port, upstream));
    return file;
  });

const EDGE = path.resolve(import.meta.dirname, '../../nginx');

/**
 * Starts nginx as this repository configures it, with one worker, the short cut open, and limits that are never reached.
 * @param gateway `host:port`; a group of that name keeps connections, as `proxy_pass` to an address does not
 * @param service where every service is, `host:port`
 */
export const startEdge = (place: NginxPlace, gateway: string, service: string) =>
  runNginx(place, (dir, port) => {
    const conf = path.join(dir, 'conf');
    cpSync(EDGE, conf, { recursive: true });
    const site = (name: string): string => path.join(conf, 'site', name);
    const kept = (name: string, at: string): string =>
      `upstream ${name} { server ${at}; keepalive 64; keepalive_requests 100000000; }\n`;
    writeFileSync(site('listen.conf'), `listen 127.0.0.1:${port} reuseport;\n`);
    const groups = kept('gateways', gateway) + kept('services', service);
    writeFileSync(site('upstream.conf'), `${groups}map "" $gateway { default gateways; }\n`);
    rmSync(site('services.conf'));
    const example = readFileSync(site('shortcut.conf.example'), 'utf8');
    writeFileSync(site('shortcut.conf'), example.replaceAll(/ [\w-]+:\d+;/g, ' services;'));
    const file = path.join(conf, 'nginx.conf');
    const whole = readFileSync(file, 'utf8')
      .replace('worker_processes auto;', 'worker_processes 1;')
      .replace('keepalive_timeout 65s;', 'keepalive_timeout 65s;\n  keepalive_requests 100000000;')
      .replaceAll(/rate=\d+r\/s/g, 'rate=1000000r/s');
    writeFileSync(file, whole);
    return file;
  });
