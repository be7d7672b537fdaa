import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { openRedis } from './redis.ts';

const silent = { warn: () => undefined, info: () => undefined } as unknown as Parameters<typeof openRedis>[1]['log'];

it('tells who subscribes in vain, and does not end the process where nobody waits for it', async () => {
  const server = createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const redis = openRedis(`redis://127.0.0.1:${port}`, { log: silent, name: 'test' });
  const unheard: unknown[] = [];
  const note = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', note);
  try {
    for (const ask of [() => redis.subscribe('a'), () => redis.psubscribe('a*')]) {
      await expect(ask()).rejects.toThrow();
      void ask();
    }
    await sleep(50);
    expect(unheard).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
    redis.disconnect();
    server.close();
  }
});
