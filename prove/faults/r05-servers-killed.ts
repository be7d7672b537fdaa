import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { countFaults, type Finding, type OwnContext, type OwnProof } from '../harness/proof.ts';
import { canary } from '../platform/people.ts';
import { startBlobServer, type BlobServer } from '../processes/blob.server.ts';
import { answers, timeUntil, timesOf } from '../processes/recovery.ts';
import { onProcesses, peopleWithMoney, type ProcessScene } from '../processes/scene.ts';
import { openClientLog } from './client.log.ts';
import { DRAINED_MS, told, withGuests } from './guests.ts';
import { createSettling } from './kills/settle.ts';
import { createUploads } from './kills/uploads.ts';

const MOST_DOWN_MS = 2_000;
/** No round is begun after this. */
const WITHIN_MS = 6 * 60_000;

/** How long each kind of work took to go on after a server was back; ms. */
const createTimes = () => ({
  'Redis killed': [] as number[],
  'Redis wiped': [] as number[],
  'blobs killed': [] as number[],
});

const prove = async (context: OwnContext, scene: ProcessScene, blobs: BlobServer): Promise<Finding> => {
  const { platform, random } = scene;
  const rounds = context.short ? 1 : 15;
  const people = await peopleWithMoney(scene, 3);
  const [witness] = people;
  if (!witness) throw new Error('nobody is there');
  const log = openClientLog(path.join(platform.servers.folder.temporaryDir, 'uploads.log'));
  const settling = createSettling(log, random);
  const uploads = createUploads(platform, people, random, settling.settle);
  const times = createTimes();
  let [going, count] = [true, 0];
  const uploading = async (): Promise<void> => {
    for (; going; count += 1) {
      await uploads.one();
      await sleep(200);
    }
  };
  /** An event goes through the outbox, Redis and the consumer before a newcomer has money. */
  const eventArrives = async (): Promise<void> => {
    const newcomer = await scene.world.newcomer();
    await timeUntil(async () => {
      const balance = await newcomer.call('GET', '/billing/balance');
      return balance.status === 200 && Number(balance.json['available']) > 0;
    });
  };
  const fileIsTaken = (): Promise<number> =>
    timeUntil(async () => {
      const form = new FormData();
      form.set('file', new Blob([canary()]), 'small.md');
      return (await witness.call('POST', '/documents', form)).status === 202;
    });
  const measure = async (kind: keyof typeof times, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    times[kind].push(performance.now() - began);
  };
  const { redis } = platform.servers;
  const admin = new Redis(redis.url, { disconnectTimeout: 200, lazyConnect: true });
  admin.on('error', () => undefined);
  const load = uploading();
  const seen = await withGuests(scene, async (guest) => {
    const until = Date.now() + WITHIN_MS;
    for (let round = 0; round < rounds && Date.now() < until; round += 1) {
      await redis.crash();
      await Promise.all([guest(), sleep(random.int(MOST_DOWN_MS))]);
      await redis.start();
      await measure('Redis killed', eventArrives);
      await guest();
      await sleep(random.int(400));
      await admin.flushall();
      await measure('Redis wiped', eventArrives);
      await blobs.crash();
      await sleep(500 + random.int(MOST_DOWN_MS));
      await blobs.start();
      await measure('blobs killed', fileIsTaken);
    }
  }).finally(async () => {
    going = false;
    await load;
    admin.disconnect();
  });
  await uploads.ended();
  const faults = [...seen.faults, ...(await uploads.judge()), ...platform.ended()];
  for (const role of Object.keys(platform.roles)) await timeUntil(() => answers(platform, witness, role));
  log.close();
  const recovered = Object.entries(times).map(([kind, all]) => `${kind}: ${timesOf(all)}`);
  return countFaults(
    faults,
    `${times['Redis killed'].length} of ${rounds} times each, blobs in ${blobs.name}; ${told(seen)}; ${count} uploads, ${settling.unknown} tries without an answer; work goes on after ${recovered.join(', ')}`,
  );
};

/**
 * Redis is killed and started from its log, or loses everything, and the blob store goes away, under processes.
 * @param minio MinIO's program; without it a fake of S3 is used
 */
export const serversKilled = (minio: string | undefined): OwnProof => ({
  id: 'R5K',
  alone: true,
  title: 'Redis and blobs killed',
  gate: `0 process exits, events or writes lost or doubled, files lost; outboxes empty within ${DRAINED_MS / 1_000} s`,
  async run(context) {
    const folder = mkdtempSync(path.join(tmpdir(), 'atrium-blobs-'));
    try {
      const blobs = await startBlobServer(minio, folder);
      try {
        return await onProcesses(context, { settings: blobs.settings }, (scene) => prove(context, scene, blobs));
      } finally {
        await blobs.close();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});
