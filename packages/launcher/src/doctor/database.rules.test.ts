import { describe, expect, it } from '@jest/globals';
import {
  judgeBackup,
  judgeRedis,
  judgeSchema,
  judgeServer,
  judgeSettings,
  type SchemaFacts,
} from './database.rules.ts';
import type { Finding } from './finding.ts';

const fine: SchemaFacts = {
  schema: 'billing',
  waitingEvents: 3,
  oldestEvent: 1,
  deadEvents: 0,
  waitingJobs: 2,
  oldestJob: 1,
  stuckJobs: 0,
  failedJobs: 0,
  pending: [],
};
const brief = (findings: readonly Finding[]): string[] => findings.map(({ state, topic }) => `${state} ${topic}`);

describe('the work of a schema', () => {
  it('is nothing to speak of while it gets on', () => {
    expect(judgeSchema(fine)).toEqual([]);
  });

  it.each([
    [{ deadEvents: 2 }, 'problem events', '2 of billing were given up'],
    [{ oldestEvent: 600 }, 'problem events', 'the first for 10 min'],
    [{ stuckJobs: 1 }, 'problem jobs', 'nobody works on them'],
    [{ oldestJob: 90 }, 'problem jobs', 'the first for 90 s'],
    [{ failedJobs: 4 }, 'note jobs', '4 of billing failed'],
    [{ pending: ['Holds1'] }, 'problem migrations', 'Holds1'],
  ])('%j is said', (change, what, text) => {
    const found = judgeSchema({ ...fine, ...change });
    expect(brief(found)).toEqual([what]);
    expect(found[0]?.text).toContain(text);
    if (found[0]?.state === 'problem') expect(found[0].advice).toBeTruthy();
  });
});

describe('the server', () => {
  const server = { maxConnections: 200, pools: 55, vector: 'installed', skewMs: 12 } as const;
  it('is in order', () => {
    expect(brief(judgeServer(server))).toEqual(['ok connections', 'ok clock', 'ok pgvector']);
  });
  it.each([
    [{ pools: 190 }, 'problem connections'],
    [{ skewMs: -6_000 }, 'problem clock'],
    [{ skewMs: 6_000 }, 'problem clock'],
    [{ vector: 'absent' as const }, 'note pgvector'],
    [{ vector: 'available' as const }, 'note pgvector'],
  ])('%j is said', (change, what) => {
    expect(brief(judgeServer({ ...server, ...change }))).toContain(what);
  });
});

describe('Redis', () => {
  it.each([
    ['noeviction', 'yes', 'ok'],
    [undefined, undefined, 'ok'],
    ['allkeys-lru', 'yes', 'problem'],
    ['noeviction', 'no', 'note'],
  ])('with %s and appendonly %s: %s', (policy, appendOnly, state) => {
    expect(judgeRedis({ version: '7.0', policy, appendOnly }).state).toBe(state);
  });
});

describe('the last backup', () => {
  const DAY = 86_400_000;
  it.each([
    [undefined, 'note'],
    [0, 'ok'],
    [1.5, 'ok'],
    [3, 'note'],
    [7, 'problem'],
  ])('of %s days ago: %s', (days, state) => {
    expect(judgeBackup(days === undefined ? undefined : 100 * DAY - days * DAY, 100 * DAY).state).toBe(state);
  });
});

describe('settings', () => {
  it('that are not there are notes, since everything works without them', () => {
    expect(brief(judgeSettings({ mail: false, payments: false }))).toEqual(['note mail', 'note payments']);
    expect(brief(judgeSettings({ mail: true, payments: true }))).toEqual(['ok mail', 'ok payments']);
  });
});
