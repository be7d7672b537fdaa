import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '../observability/metrics.ts';
import { createDoor, priorityOf } from './door.ts';

/** An answer that is over when it is closed. */
const answer = () =>
  Object.assign(new EventEmitter(), {
    status: 0,
    headers: {},
    writeHead(status: number, headers: Record<string, unknown>) {
      Object.assign(this, { status, headers });
    },
    end: () => undefined,
  });
const request = (method: string, url: string, headers = {}) => ({ method, url, headers }) as unknown as IncomingMessage;

const setUp = (most: number) => {
  const tell: ((pressure: number) => void)[] = [];
  const pressure = {
    onMeasured: (told: (value: number) => void) => void tell.push(told),
    loopDelayMs: 0,
    stop: () => undefined,
  };
  const metrics = createMetrics('test');
  const door = createDoor({ most, pressure, metrics });
  const inside: ServerResponse[] = [];
  const listener = door.guard((_req, res) => void inside.push(res));
  const ask = (method = 'POST', url = '/api/v1/notes', headers = {}) => {
    const res = answer();
    listener(request(method, url, headers), res as unknown as ServerResponse & { req: IncomingMessage });
    return res;
  };
  return { ask, inside, metrics, measure: (value: number) => tell.forEach((told) => told(value)) };
};

describe('priorityOf', () => {
  it.each([
    ['GET', '/health/ready', 'always'],
    ['GET', '/metrics', 'always'],
    ['POST', '/api/v1/ops/billing/jobs/1/retry', 'always'],
    ['POST', '/internal/charges', 'high'],
    ['POST', '/api/v1/conversations', 'normal'],
    ['GET', '/api/v1/conversations', 'low'],
    ['GET', '/api/v1/operators', 'low'],
  ])('%s %s is %s', (method, url, expected) => expect(priorityOf({ method, url })).toBe(expected));
});

describe('createDoor', () => {
  it('answers 503 with Retry-After to what is too much, and lets others in when some are done', async () => {
    const { ask, inside, metrics } = setUp(3);
    const first = ask();
    for (let count = 0; count < 2; count += 1) ask();
    const refused = ask();
    expect([inside.length, refused.status]).toEqual([3, 503]);
    expect(refused.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'application/problem+json; charset=utf-8',
    });
    expect(await metrics.registry.metrics()).toMatch(/http_shed_total\{priority="normal".*\} 1/);
    first.emit('close');
    expect(ask().status).toBe(0);
  });

  it('always answers for health, and does not hold streams against the limit', () => {
    const { ask, inside } = setUp(2);
    for (let count = 0; count < 10; count += 1) ask('GET', '/api/v1/runs/1/events', { accept: 'text/event-stream' });
    expect(inside).toHaveLength(10);
    for (let count = 0; count < 4; count += 1) ask();
    expect(inside).toHaveLength(12);
    expect(ask('GET', '/health/live').status).toBe(0);
  });

  it('lets fewer in under pressure, and never fewer than 32', () => {
    const { ask, inside, measure } = setUp(200);
    for (let count = 0; count < 300; count += 1) ask();
    expect(inside).toHaveLength(200);
    for (const res of inside) res.emit('close');
    for (let turn = 0; turn < 30; turn += 1) measure(2);
    for (let count = 0; count < 300; count += 1) ask();
    expect(inside).toHaveLength(232);
  });

  it('lets everybody in when it is turned off', () => {
    const { ask, inside } = setUp(0);
    for (let count = 0; count < 300; count += 1) ask();
    expect(inside).toHaveLength(300);
  });
});
