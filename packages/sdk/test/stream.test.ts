import { describe, expect, it } from '@jest/globals';
import { createAtrium, followEvents, followRun } from '../src/index.ts';
import { AT_ONCE, json, problem, serve, type Answer } from './server.fixture.ts';

const LAST = 9;
const line = (id: number): string =>
  `id: ${id}\nevent: ${id === LAST ? 'run.completed' : 'text.delta'}\ndata: {"text":"${id}"}\n\n`;

/** Tells events 1 to 9, some at a time, and breaks off in the middle of the next one. */
const telling =
  (atATime: number): Answer =>
  ({ headers }, res) => {
    const after = Number(headers['last-event-id'] ?? 0);
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let id = after + 1; id <= Math.min(LAST, after + atATime); id += 1) res.write(line(id));
    if (after + atATime >= LAST) return void res.end();
    res.write(line(after + atATime + 1).slice(0, 12), () => res.destroy());
  };

describe('followRun', () => {
  it.each([1, 2, 4, 9])('misses and repeats nothing when it is cut off after every %i events', async (atATime) => {
    await using server = await serve(telling(atATime));
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k', retry: AT_ONCE });
    const ids: string[] = [];
    const events = followRun(atrium, 'r', { retry: AT_ONCE });
    for await (const { id } of events) ids.push(id);
    expect(ids).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(events.lastEventId).toBe('9');
    expect(server.seen).toHaveLength(Math.ceil(LAST / atATime));
  });

  it('goes on behind what was read before a reload', async () => {
    await using server = await serve(telling(9));
    const ids: string[] = [];
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    for await (const { id } of followRun(atrium, 'r', { lastEventId: '7' })) ids.push(id);
    expect(ids).toEqual(['8', '9']);
  });

  it('ends when there is nothing left to tell', async () => {
    await using server = await serve((_seen, res) => void res.writeHead(204).end());
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    for await (const event of followRun(atrium, 'r')) throw new Error(`told ${event.id}`);
    expect(server.seen).toHaveLength(1);
  });

  it('stops reading without asking the run to stop, and asks when told to', async () => {
    await using server = await serve(({ method }, res) => {
      if (method === 'POST') return json(res, 202, {});
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(line(1));
    });
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const events = followRun(atrium, 'r');
    for await (const { id } of events) {
      expect(id).toBe('1');
      events.stop();
    }
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
    await events.cancel();
    expect(server.seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/runs/r/cancel' });
  });

  it('closes its connection when the reader leaves', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    await using server = await serve((_seen, res) => {
      res.on('close', resolve);
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(line(1) + line(2));
    });
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    for await (const { id } of followRun(atrium, 'r')) if (id === '1') break;
    await closed;
  });
});

describe('followEvents', () => {
  it('comes back when the connection falls silent', async () => {
    let connections = 0;
    await using server = await serve((_seen, res) => {
      connections += 1;
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(line(connections));
    });
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const events = followEvents(atrium, '/api/v1/runs/{id}/events', {
      path: { id: 'r' },
      silenceMs: 20,
      retry: AT_ONCE,
      isLast: ({ id }) => id === '3',
    });
    const ids: string[] = [];
    for await (const { id } of events) ids.push(id);
    expect(ids).toEqual(['1', '2', '3']);
    expect(server.seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1', '2']);
  });

  it('throws a refusal at once, and an absence after trying', async () => {
    await using server = await serve(({ url }, res) =>
      url.includes('away') ? problem(res, 503, 'upstream.unavailable') : problem(res, 404, 'run.not_found'),
    );
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k', retry: { times: 0 } });
    const read = async (id: string): Promise<void> => {
      for await (const event of followRun(atrium, id, { retry: { times: 2, baseMs: 1 } })) throw new Error(event.id);
    };
    await expect(read('x')).rejects.toMatchObject({ code: 'run.not_found' });
    expect(server.seen).toHaveLength(1);
    await expect(read('away')).rejects.toMatchObject({ code: 'upstream.unavailable' });
    expect(server.seen).toHaveLength(4);
  });

  it('is given up by the signal of the caller', async () => {
    await using server = await serve((_seen, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(line(1));
    });
    const abort = new AbortController();
    const atrium = createAtrium({ baseUrl: server.url, apiKey: 'k' });
    const reading = (async () => {
      for await (const { id } of followRun(atrium, 'r', { signal: abort.signal }))
        if (id === '1') abort.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});
