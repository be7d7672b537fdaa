import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EntitlementsView } from '@atrium/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainError } from '../http/problem.ts';
import { allowsModel, createEntitlements, requireEntitlement, within } from './entitlements.ts';

const unlimited = { models: ['*'], concurrentRuns: null, maxUploadBytes: null, members: null, documents: null };
const view: EntitlementsView = {
  plan: 'free',
  entitlements: { ...unlimited, documents: 2 },
  plans: [
    { id: 'small', name: 'Small', entitlements: { ...unlimited, documents: 3 } },
    { id: 'large', name: 'Large', entitlements: unlimited },
  ],
};

it.each([
  ['*', 'gpt-4o', true],
  ['gpt-4o', 'gpt-4o', true],
  ['gpt-4o', 'gpt-4o-mini', false],
  ['gpt-*', 'gpt-4o-mini', true],
  ['*-mini', 'gpt-4o-mini', true],
  ['gpt*mini', 'gpt-4o-mini', true],
  ['gpt*mini*', 'gpt-4o', false],
  ['ab*ba', 'aba', false],
  ['.*', 'gpt', false],
])('%s names the model %s: %s', (pattern, model, named) => {
  expect(allowsModel({ models: ['none', pattern] }, model)).toBe(named);
});

describe('what a plan does not allow', () => {
  const ask = (documents: number, of: EntitlementsView | undefined = view) =>
    requireEntitlement(of, (one) => within(one.documents, documents), { entitlement: 'documents', detail: 'No more.' });

  it('is refused with the cheapest plan that would', () => {
    expect(() => ask(2)).not.toThrow();
    const refusal = (documents: number): unknown => {
      try {
        return ask(documents);
      } catch (error) {
        return error instanceof DomainError ? { ...error.extra, code: error.code, status: error.status } : error;
      }
    };
    const common = { code: 'entitlement.exceeded', status: 403, entitlement: 'documents', plan: 'free' };
    expect(refusal(3)).toEqual({ ...common, allowedBy: 'small' });
    expect(refusal(4)).toEqual({ ...common, allowedBy: 'large' });
  });

  it('is allowed while nobody knows', () => {
    expect(() => requireEntitlement(undefined, () => false, { entitlement: 'documents', detail: '' })).not.toThrow();
  });
});

describe('asking billing', () => {
  let server: Server;
  let asked = 0;
  let answer: () => { status: number; body: unknown } = () => ({ status: 200, body: view });
  beforeAll(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      const { status, body } = answer();
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    asked = 0;
    answer = () => ({ status: 200, body: view });
  });

  const open = (kept = new Map<string, string>()) => {
    let at = 0;
    const warn = jest.fn();
    const redis = {
      get: async (key: string) => kept.get(key) ?? null,
      set: async (key: string, text: string) => (kept.set(key, text), 'OK'),
      del: async (key: string) => Number(kept.delete(key)),
    };
    const source = createEntitlements({
      billingUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      delegation: { tokenFor: async () => 'token' },
      redis: redis as never,
      prefix: 'test',
      log: { warn },
      now: () => at,
    });
    return { source, warn, kept, pass: (ms: number) => (at += ms) };
  };
  const user = { userId: 'u', workspaceId: 'w' };

  it('happens once for all processes, and again when they are told to forget', async () => {
    const { source, kept, pass } = open();
    const other = open(kept);
    expect(await source.of(user)).toEqual(view);
    expect(await other.source.of(user)).toEqual(view);
    pass(11_000);
    await source.of(user);
    expect(asked).toBe(1);
    await source.forget('w');
    await source.of(user);
    expect(asked).toBe(2);
  });

  it('keeps what was last known when billing is away, and forbids nothing when nothing was', async () => {
    const { source, warn, kept, pass } = open();
    await source.of(user);
    answer = () => ({ status: 500, body: {} });
    kept.clear();
    pass(11_000);
    expect(await source.of(user)).toEqual(view);
    expect(await source.of({ ...user, workspaceId: 'other' })).toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
