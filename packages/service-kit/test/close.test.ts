import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually, startServiceUnderTest } from '@atrium/testing';
import { createDiaryClient } from './fixtures/diary.client.ts';
import { diary } from './fixtures/diary.service.ts';
import { openRedisLine } from './fixtures/redis.line.ts';

const FEW_SECONDS = 8_000;
const after: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo();
});

const startOnLine = async () => {
  const line = await openRedisLine(process.env['TEST_REDIS_URL'] ?? '');
  after.push(line.cut);
  const service = await startServiceUnderTest(diary, { REDIS_URL: line.url });
  after.push(service.close);
  return { line, service, client: createDiaryClient(service) };
};
const closing = async (close: () => Promise<void>): Promise<number> => {
  const began = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, 2 * FEW_SECONDS)));
  await Promise.race([close(), late]);
  clearTimeout(timer);
  return Date.now() - began;
};

describe('a service whose Redis is away', () => {
  it.each(['cut', 'silence'] as const)(
    'closes within seconds after Redis went away in the middle (%s)',
    async (end) => {
      const { line, service, client } = await startOnLine();
      await client.send('POST', '/api/v1/notes', { body: { text: 'before', work: true } });
      await eventually(async () => {
        const [row] = await service.database.query<{ count: string }>(
          `select count(*) from diary.jobs where state = 'succeeded'`,
        );
        return row?.count === '1';
      });
      line[end]();
      // Something to publish, to wake and to acknowledge.
      await client.send('POST', '/api/v1/notes', { body: { text: 'after', work: true } });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(await closing(service.running.close)).toBeLessThan(FEW_SECONDS);
    },
    60_000,
  );

  it('closes within seconds right after Redis went away', async () => {
    const { line, service, client } = await startOnLine();
    await client.send('POST', '/api/v1/notes', { body: { text: 'before', work: true } });
    line.cut();
    expect(await closing(service.running.close)).toBeLessThan(FEW_SECONDS);
  }, 180_000);

  it('closes within seconds when Redis was never there', async () => {
    const service = await startServiceUnderTest(diary, { REDIS_URL: 'redis://127.0.0.1:1' });
    after.push(service.close);
    await createDiaryClient(service).send('POST', '/api/v1/notes', { body: { text: 'never', work: true } });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await closing(service.running.close)).toBeLessThan(FEW_SECONDS);
  }, 180_000);
});
