import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { errorCode } from '../failure.ts';
import { commandOf } from './process.ts';

const listen = (port: number, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      ['EADDRINUSE', 'EACCES'].includes(errorCode(error) ?? '') ? resolve(undefined) : reject(error),
    );
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });

/** Whether a port can be listened on now. */
export const isFree = async (port: number, host = '127.0.0.1'): Promise<boolean> =>
  (await listen(port, host)) !== undefined;

/** The wanted port when it is free, any free one otherwise. */
export const freePort = async (wanted?: number): Promise<number> => {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  const port = await listen(0, '127.0.0.1');
  if (port === undefined) throw new Error('the system has no free port on 127.0.0.1');
  return port;
};

/** Socket numbers that listen on a port, from `/proc/net/tcp` and `tcp6`. */
const listeningInodes = (port: number): Set<string> => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix) && fields[3] === '0A' && fields[9]) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
};

/** Who listens on a port, in words; `undefined` when that cannot be seen (other users' processes, other systems). */
export const holderOf = (port: number): string | undefined => {
  try {
    const inodes = listeningInodes(port);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
        if (holds) return `pid ${pid} (${commandOf(Number(pid)).trim().slice(0, 60)})`;
      } catch {
        // Gone meanwhile, or another user's.
      }
    }
  } catch {
    // No /proc here.
  }
  return undefined;
};
