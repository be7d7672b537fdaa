import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePorts, runNginx } from '@atrium/testing';
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

/** Where nginx is started from, and on what. */
interface NginxPlace {
  readonly runtimeDir: string;
  readonly prefix: readonly string[];
  say(line: string): void;
}

/**
 * Starts nginx on a free port.
 * @param write puts the configuration into a folder of its own; returns the main file
 * @throws Error when it cannot be had here
 */
const onFreePort = async (place: NginxPlace, write: (dir: string, port: number) => string) => {
  const wanted = { packages: ['nginx'], program: 'usr/sbin/nginx', version: NGINX_VERSION, versionFlag: '-v' };
  const program = await fetchProgram(wanted, place.runtimeDir, place.say);
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const nginx = await runNginx({
    command: [...place.prefix, program.command],
    env: { PATH: process.env.PATH, ...program.env },
    write: (dir) => write(dir, port),
    probe: url,
  });
  return { ...nginx, url };
};

/** Starts nginx in front of an upstream (`host:port`). @throws Error when it cannot be had here */
export const startNginx = (place: NginxPlace, upstream: string) =>
  onFreePort(place, (dir, port) => {
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
  onFreePort(place, (dir, port) => {
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
