import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { answerCalls } from '../../harness/answer.calls.ts';
import { inPieces, makeEvents } from './sample.events.ts';
import { Seed } from './side.calls.ts';

const connection = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });

let name = '';

const seed = async (value: unknown) => {
  const { count } = Seed.parse(value);
  name = `floor-${randomUUID()}`;
  const queue = new Queue(name, { connection });
  for (const events of inPieces(makeEvents(count), 1_000)) {
    await queue.addBulk(
      events.map((envelope) => ({
        name: 'event',
        data: envelope,
        opts: { jobId: envelope.id, removeOnComplete: true, removeOnFail: true },
      })),
    );
  }
  await queue.close();
};

/** The job does nothing: what is left is the cost of the queue itself, without an outbox, an inbox or an effect. */
const drain = async (value: unknown) => {
  const { count } = Seed.parse(value);
  const ids = new Set<string>();
  let done = 0;
  const worker = new Worker(name, async () => undefined, { connection, concurrency: 100, autorun: false });
  worker.on('error', (error) => process.stderr.write(`BullMQ: ${error.message}\n`));
  const all = new Promise<void>((resolve) => {
    worker.on('completed', (job) => {
      if (job.id) ids.add(job.id);
      done += 1;
      if (done === count) resolve();
    });
  });
  const started = performance.now();
  void worker.run();
  await all;
  const ms = performance.now() - started;
  await worker.close();
  return ids.size === count ? { ms } : { ms, fault: `${count - ids.size} of ${count} jobs were not done` };
};

answerCalls({ seed, drain, close: async () => connection.disconnect() });
