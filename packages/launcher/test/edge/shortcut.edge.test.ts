import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { signUp, startPlatformUnderTest, type PlatformUnderTest } from '../e2e/platform.fixture.ts';
import { nginxProgram, startEdge, type Edge } from './nginx.fixture.ts';
import { startRecorder, type Recorder } from './recorder.fixture.ts';

const program = nginxProgram();
const SERVICES = ['agent-orchestrator:8002', 'document:8003', 'billing:8004', 'calendar:8005'];
const TOKEN = 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl';

(program ? describe : describe.skip)('which requests take the short cut', () => {
  let gateway: Recorder;
  let service: Recorder;
  let edge: Edge;
  beforeAll(async () => {
    [gateway, service] = await Promise.all([startRecorder(), startRecorder()]);
    const services = Object.fromEntries(SERVICES.map((name) => [name, service.address]));
    edge = await startEdge(program ?? '', gateway.address, services);
  });
  afterAll(async () => {
    await edge.stop();
    await Promise.all([gateway.close(), service.close()]);
  });

  /** Sends one request; which of the two had it to answer. */
  const wayOf = async (url: string, headers: Record<string, string> = {}, init: RequestInit = {}) => {
    const [before, at] = [service.seen.length, gateway.seen.length];
    await fetch(`${edge.url}${url}`, { ...init, headers: { authorization: TOKEN, ...headers } });
    const asked = gateway.seen.slice(at).filter((one) => one.url !== '/edge/admission');
    expect([...service.seen.slice(before), ...asked].map((one) => one.url)).toEqual([url]);
    return asked.length === 1 ? 'gateway' : 'service';
  };

  it.each(['/api/v1/documents?limit=10', '/api/v1/runs/018f-7a', '/api/v1/billing/balance', '/api/v1/me/calendar/x.y'])(
    'takes %s',
    async (url) => expect(await wayOf(url)).toBe('service'),
  );

  it.each([
    '/api/v1/auth/me',
    '/api/v1/documentsx',
    '/api/v1/documents/',
    '/api/v1//documents',
    '/api/v1/documents/a%2fb',
    '/api/v1/transcriptions/a/b/',
    '/api/v1/documents/..%2f..%2finternal/x',
    '/api/v1/documents/.hidden',
    '/api/documents',
    '/internal/holds',
  ])('leaves %s to the gateway', async (url) => expect(await wayOf(url)).toBe('gateway'));

  it.each<[string, Record<string, string>, RequestInit]>([
    ['another method', {}, { method: 'DELETE' }],
    ['a body', {}, { method: 'POST', body: '{}' }],
    ['no token', { authorization: '' }, {}],
    ['an API key', { authorization: 'Bearer atr_abc_def' }, {}],
    ['a page of another origin', { origin: 'https://app.example' }, {}],
    ['a stream', { accept: 'text/event-stream' }, {}],
  ])('leaves %s to the gateway', async (_, headers, init) =>
    expect(await wayOf('/api/v1/documents', headers, init)).toBe('gateway'),
  );

  it('asks once for what comes within two seconds, and says nothing of what a client claims to be', async () => {
    const token = `${TOKEN}b`;
    const at = gateway.seen.length;
    const claims = { 'x-forwarded-for': '6.6.6.6', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    for (let times = 0; times < 20; times += 1) await wayOf('/api/v1/runs/x', { ...claims, authorization: token });
    expect(gateway.seen.length - at).toBe(1);
    expect(gateway.seen.at(-1)?.headers).toMatchObject({ authorization: token, 'x-forwarded-for': '127.0.0.1' });
    expect(service.seen.at(-1)?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1' });
    expect(service.seen.at(-1)?.headers['traceparent']).toBeUndefined();
  });
});

(program ? describe : describe.skip)('the platform by the short cut', () => {
  let platform: PlatformUnderTest;
  let edge: Edge;
  beforeAll(async () => {
    platform = await startPlatformUnderTest({}, { TRUST_PROXY: 'loopback' });
    const at = (name: string) => new URL(platform.urls[name.split(':')[0] ?? ''] ?? '').host;
    edge = await startEdge(
      program ?? '',
      new URL(platform.gateway).host,
      Object.fromEntries(SERVICES.map((name) => [name, at(name)])),
    );
  }, 180_000);
  afterAll(async () => {
    await edge.stop();
    await platform.close();
  });

  it('answers as the gateway does, refusals included, and not to a session that ended', async () => {
    const { accessToken } = await signUp(edge.url, 'ana');
    const get = async (door: string, url: string, token: string) => {
      const answer = await fetch(`${door}${url}`, { headers: { authorization: `Bearer ${token}` } });
      const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>;
      const named = ['content-type', 'content-security-policy', 'x-frame-options', 'strict-transport-security'];
      return { status: answer.status, body, headers: named.map((name) => answer.headers.get(name)) };
    };
    // Nothing here changes between the two reads: the credit of a new plan comes when it comes, so no balance.
    for (const url of ['/api/v1/conversations', '/api/v1/conversations/nowhere', '/api/v1/billing/plans']) {
      expect(await get(edge.url, url, accessToken)).toEqual(await get(platform.gateway, url, accessToken));
    }
    const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;
    const refused = await get(edge.url, '/api/v1/conversations', forged);
    expect(refused).toEqual(await get(platform.gateway, '/api/v1/conversations', forged));
    expect(refused.status).toBe(401);

    const out = await fetch(`${edge.url}/api/v1/auth/logout-all`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(out.ok).toBe(true);
    await eventually(async () => (await get(edge.url, '/api/v1/conversations', accessToken)).status === 401);
  });
});
