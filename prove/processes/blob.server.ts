import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@atrium/launcher';
import { startFakeS3 } from '@atrium/testing';
import { startTcpProxy } from '../platform/tcp.proxy.ts';
import { listens, timeUntil } from './recovery.ts';

/** A blob store that can be lost and found again with everything that it had acknowledged. */
export interface BlobServer {
  /** What it is, for the report. */
  readonly name: string;
  readonly settings: NodeJS.ProcessEnv;
  crash(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const KEYS = { S3_ACCESS_KEY: 'atrium-prove', S3_SECRET_KEY: 'only-in-these-proofs', S3_BUCKET: 'documents' };

const startMinio = async (program: string, folder: string): Promise<BlobServer> => {
  const port = await freePort();
  const data = path.join(folder, 'minio');
  mkdirSync(data);
  let child: ChildProcess | undefined;
  const crash = async (): Promise<void> => {
    const present = child;
    if (!present || present.exitCode !== null || present.signalCode !== null) return;
    const gone = new Promise((resolve) => present.once('exit', resolve));
    present.kill('SIGKILL');
    await gone;
  };
  const start = async (): Promise<void> => {
    child = spawn(program, ['server', data, '--address', `127.0.0.1:${port}`, '--console-address', '127.0.0.1:0'], {
      stdio: 'ignore',
      env: { HOME: folder, MINIO_ROOT_USER: KEYS.S3_ACCESS_KEY, MINIO_ROOT_PASSWORD: KEYS.S3_SECRET_KEY },
    });
    await timeUntil(() => listens(port));
  };
  await start();
  const settings = { ...KEYS, S3_ENDPOINT: `http://127.0.0.1:${port}` };
  return { name: 'MinIO', settings, crash, start, close: crash };
};

/** In memory, so it cannot be killed itself: every connection is reset and new ones are refused, as a dead server's are. */
const startFake = async (): Promise<BlobServer> => {
  const fake = await startFakeS3();
  const line = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(fake.endpoint).port) });
  return {
    name: 'a fake of S3',
    settings: { ...KEYS, S3_ENDPOINT: `http://127.0.0.1:${line.port}` },
    crash: async () => line.cut(),
    start: async () => line.mend(),
    async close() {
      await line.close();
      await fake.close();
    },
  };
};

/** @param minio MinIO's program; without it a fake of S3 is used */
export const startBlobServer = (minio: string | undefined, folder: string): Promise<BlobServer> =>
  minio ? startMinio(minio, folder) : startFake();
