import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PgBoss, type Job } from 'pg-boss';
import { HoldSettled, type EventEnvelope } from '@atrium/contracts';
import { answerCalls } from '../../harness/answer.calls.ts';
import { EFFECTS_TABLE, INSERT_EFFECT } from './effects.ts';
import { inPieces, makeEvents, tenAtATime } from './sample.events.ts';
import { Seed } from './side.calls.ts';

const QUEUE = 'events';
const connectionString = process.env.DATABASE_URL ?? '';

/**
 * Batches, refetched at once while they come back full, by several workers; `transactional` commits the handler's rows
 * together with the completion, which is what our inbox does. The sizes are the best of those tried; see README.md.
 */
const WORK = {
  batchSize: 500,
  localConcurrency: 4,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  transactional: true,
} as const;

const boss = new PgBoss({ connectionString, max: 10 });
boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
await boss.start();
await boss.createQueue(QUEUE);
const db = new pg.Client({ connectionString });
await db.connect();
await db.query(EFFECTS_TABLE);

let seen = 0;

const seed = async (value: unknown) => {
  const { count } = Seed.parse(value);
  for (const events of inPieces(makeEvents(count), 1_000)) {
    await boss.insert(
      QUEUE,
      events.map((envelope) => ({ data: envelope })),
    );
  }
};

const OPEN = `select 1 from pgboss.job where name = $1 and state < 'completed' limit 1`;

/** Works until so many are completed. */
const work = async (count: number, meanwhile: () => Promise<void>) => {
  seen = 0;
  const started = performance.now();
  await boss.work(QUEUE, WORK, async (jobs: Job<EventEnvelope>[], tx) => {
    for (const { data: envelope } of jobs) {
      const { holdId, captured } = HoldSettled.data.parse(envelope.data);
      await tx.executeSql(INSERT_EFFECT, [envelope.workspaceid, envelope.id, holdId, captured]);
    }
    seen += jobs.length;
  });
  await meanwhile();
  while (seen < count) await sleep(2);
  while ((await db.query(OPEN, [QUEUE])).rowCount) await sleep(2);
  const ms = performance.now() - started;
  await boss.offWork(QUEUE);
  return { ms };
};

const drain = (value: unknown) => work(Seed.parse(value).count, async () => undefined);

/** From the first send to the last effect: ten at a time send one event each while the others are handled. */
const through = (value: unknown) => {
  const { count } = Seed.parse(value);
  const events = makeEvents(count);
  return work(count, () => tenAtATime(count, (number) => boss.send(QUEUE, events[number] ?? {})));
};

answerCalls({ seed, drain, through, close: () => boss.stop({ graceful: true, timeout: 5_000 }) });
