import { randomBytes } from 'node:crypto';
import path from 'node:path';
import {
  findRedis,
  freePort,
  homeAt,
  openStackFolder,
  readLauncherConfig,
  startPostgres,
  startRedis,
  type StackFolder,
} from '@atrium/launcher';

/** A server that can be ended as a crash would, and started again on what it had on disk. */
interface CrashableServer {
  readonly url: string;
  readonly port: number;
  /** Postgres: immediate shutdown, as `pg_ctl -m immediate`. Redis: SIGKILL. Resolves when it is gone. */
  crash(): Promise<void>;
  /** Resolves when it takes connections again. */
  start(): Promise<void>;
}

/** Postgres and Redis of one proof, durable as they are delivered: every commit on disk, Redis with its log. */
export interface Servers {
  readonly folder: StackFolder;
  readonly postgres: CrashableServer;
  readonly redis: CrashableServer;
  stop(): Promise<void>;
}

interface Part {
  readonly url: string;
  kill(): Promise<void>;
}

const crashable = async (port: number, begin: () => Promise<Part>): Promise<CrashableServer> => {
  let part = await begin();
  return {
    url: part.url,
    port,
    crash: () => part.kill(),
    async start() {
      part = await begin();
    },
  };
};

/** @param say told what the servers say while they start */
export const startServers = async (say: (line: string) => void): Promise<Servers> => {
  const config = readLauncherConfig();
  const folder = await openStackFolder();
  const password = randomBytes(18).toString('base64url');
  const common = (name: string, port: number) => ({
    dataDir: path.join(folder.dir, name),
    password,
    logFile: path.join(folder.dir, `${name}.log`),
    recordFile: path.join(folder.dir, `${name}.pid.json`),
    durable: true,
    port: () => Promise.resolve(port),
    say,
  });
  const ports = { postgres: await freePort(), redis: await freePort() };
  try {
    const program = await findRedis({ runtimeDir: homeAt(config.home).runtimeDir, env: config.env, say });
    const [postgres, redis] = await Promise.all([
      crashable(ports.postgres, () =>
        startPostgres({
          ...common('postgres', ports.postgres),
          installation: path.basename(folder.dir),
          maxConnections: 300,
        }),
      ),
      crashable(ports.redis, () => startRedis({ ...common('redis', ports.redis), program })),
    ]);
    return { folder, postgres, redis, stop: () => folder.remove() };
  } catch (error) {
    await folder.remove();
    throw error;
  }
};
