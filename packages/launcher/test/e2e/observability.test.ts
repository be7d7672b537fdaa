import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startFakeOtlp, type FakeOtlp, type ReceivedSpan } from '@atrium/testing';
import { signUp, startPlatformUnderTest, type PlatformUnderTest } from './platform.fixture.ts';

const traceId = randomBytes(16).toString('hex');
const callerSpan = randomBytes(8).toString('hex');
const canary = (kind: string): string => `canary-${kind}-${randomBytes(6).toString('hex')}`;
const words = canary('words');
const wrongPassword = canary('password');

let sink: FakeOtlp;
let platform: PlatformUnderTest | undefined;
let folder: string;
let logs = '';
let mails = '';
/** Text of every role's metrics. */
let metrics: Record<string, string> = {};
/** What must never be in a log line or a span. */
const secrets: string[] = [words, wrongPassword, 'a long pass phrase'];

const json = async (answer: Response): Promise<Record<string, unknown>> =>
  (await answer.json()) as Record<string, unknown>;

beforeAll(async () => {
  sink = await startFakeOtlp();
  folder = mkdtempSync(path.join(tmpdir(), 'atrium-observed-'));
  platform = await startPlatformUnderTest({
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    LOG_LEVEL: 'debug',
    // The gauges of the limit are read too.
    MAX_IN_FLIGHT: '256',
    LOG_FILE: path.join(folder, 'atrium.log'),
    MAIL_DIR: path.join(folder, 'mail'),
  });
  const { gateway } = platform;
  const api = `${gateway}/api/v1`;
  const anna = await signUp(gateway, 'anna');
  secrets.push(anna.accessToken, (anna as unknown as { refreshToken: string }).refreshToken);
  await eventually(async () => Number((await anna.call('GET', `${api}/billing/balance`)).json['available']) > 0);

  const post = (route: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${api}${route}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  await post('/auth/login', JSON.stringify({ email: 'nobody@example.com', password: wrongPassword }));
  await post('/auth/login', `{"password":"${wrongPassword}"`, {
    cookie: `refresh=${words}`,
    authorization: `Bearer ${words}`,
  });
  const key = (await anna.call('POST', `${api}/api-keys`, { name: 'ci', scopes: ['agent:read'] })).json['key'];
  secrets.push(String(key));
  await fetch(`${api}/agents`, { headers: { authorization: `Bearer ${String(key)}` } });

  const conversation = String((await anna.call('POST', `${api}/conversations`, { title: words })).json['id']);
  const sent = await post(`/conversations/${conversation}/messages`, JSON.stringify({ text: `What is ${words}?` }), {
    authorization: `Bearer ${anna.accessToken}`,
    traceparent: `00-${traceId}-${callerSpan}-01`,
  });
  const run = ((await json(sent))['run'] as { id: string }).id;
  await eventually(async () => (await anna.call('GET', `${api}/runs/${run}`)).json['state'] === 'completed');
  await eventually(async () => {
    const rows = (await anna.call('GET', `${api}/billing/transactions`)).json['data'];
    return (rows as { kind: string }[]).some(({ kind }) => kind === 'capture');
  });
  // A busy machine may be too slow to read a gauge in time; it is there at the next scrape.
  const complete = async (url: string): Promise<string | undefined> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const named = [...text.matchAll(/^# TYPE (\S+) gauge\n(?!\1)/gm)].map(([, name = '']) => name);
    return named.length === 0 ? text : undefined;
  };
  const scraped = await Promise.all(
    Object.entries(platform.urls).map(async ([role, url]) => [role, await eventually(() => complete(url), 20_000)]),
  );
  metrics = Object.fromEntries(scraped) as Record<string, string>;
  await eventually(() => Promise.resolve(existsSync(path.join(folder, 'mail'))));
  // Closing sends the spans that are still held.
  await platform.close();
  platform = undefined;
  logs = readFileSync(path.join(folder, 'atrium.log'), 'utf8');
  mails = readdirSync(path.join(folder, 'mail'), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => readFileSync(path.join(file.parentPath, file.name), 'utf8'))
    .join('\n');
}, 180_000);
afterAll(async () => {
  await platform?.close();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

const ours = (): ReceivedSpan[] => sink.spans.filter((span) => span.traceId === traceId);
const spanOf = (service: string, name: string): ReceivedSpan => {
  const found = ours().find((span) => span.service === service && span.name === name);
  const known = ours().map((span) => `${span.service}: ${span.name}`);
  if (!found) throw new Error(`no span ${service}: ${name} among\n${known.join('\n')}`);
  return found;
};
const parentOf = (child: ReceivedSpan): string => {
  const parent = ours().find(({ spanId }) => spanId === child.parentSpanId);
  return parent ? `${parent.service}: ${parent.name}` : 'nobody';
};

describe('one trace', () => {
  it('goes from the gateway through the service, the job and the outbox to billing', () => {
    const agent = 'agent-orchestrator';
    const entry = spanOf('gateway', 'POST /api/v1/conversations');
    expect(entry.parentSpanId).toBe(callerSpan);
    expect(parentOf(spanOf(agent, 'sendMessage'))).toBe('gateway: POST /api/v1/conversations');
    expect(parentOf(spanOf(agent, 'job run.execute'))).toBe(`${agent}: sendMessage`);
    expect(parentOf(spanOf(agent, 'chat builtin'))).toBe(`${agent}: job run.execute`);
    expect(parentOf(spanOf(agent, 'call billing/internal/holds'))).toBe(`${agent}: job run.execute`);
    expect(parentOf(spanOf('billing', 'placeHold'))).toBe(`${agent}: call billing/internal/holds`);
    expect(parentOf(spanOf(agent, 'publish agent.run.completed.v1'))).toBe(`${agent}: job run.execute`);
    expect(parentOf(spanOf('billing', 'handle agent.run.completed.v1'))).toBe(
      `${agent}: publish agent.run.completed.v1`,
    );
  });

  it('can be found from the log lines of each service', () => {
    const lines = logs.split('\n').filter((line) => line.includes(traceId));
    const services = new Set(lines.map((line) => (JSON.parse(line) as { service: string }).service));
    expect(services).toContain('agent-orchestrator');
    expect(services).toContain('billing');
  });

  it('holds no secret and nothing that people wrote', () => {
    expect(secrets.every((secret) => secret.length > 8)).toBe(true);
    const told = sink.bodies.join('\n');
    for (const secret of secrets) expect(told).not.toContain(secret);
  });
});

describe('the log', () => {
  it('holds no password, token, key, cookie, mail or message', () => {
    expect(logs.split('\n').length).toBeGreaterThan(50);
    expect(logs).toContain('"status":401');
    const links = [...mails.matchAll(/token=([\w-]{16,})/g)].map((match) => String(match[1]));
    expect(links.length).toBeGreaterThan(0);
    for (const secret of [...secrets, ...links]) expect(logs).not.toContain(secret);
    expect(logs).not.toMatch(/atr_[\w-]{8}|eyJ[\w-]{8}/);
  });
});

describe('the dashboards and alerts', () => {
  const place = path.resolve(import.meta.dirname, '../../../../docker/observability');
  const files = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.json') || name === 'alerts.yml')
    .map((file) => path.join(file.parentPath, file.name));

  /** Every query of a file: `expr` of panels and rules. */
  const queriesIn = (file: string): string[] => {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json'))
      return [...text.matchAll(/"expr":\s*("(?:[^"\\]|\\.)*")/g)].map((found) => String(JSON.parse(String(found[1]))));
    return [...text.matchAll(/ expr: ([\s\S]*?)\n\s+(?:for|labels):/g)].map((found) => String(found[1]));
  };
  /** The metrics a query reads: names before braces or brackets, without what is in labels, functions and groupings. */
  const metricsOf = (query: string): string[] => {
    const bare = query
      .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
      .replaceAll(/\{[^}]*\}/g, '{}')
      .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
      .replaceAll(/\[[^\]]*\]/g, '');
    return [...bare.matchAll(/[a-z_][a-z0-9_]*(?!\w)(?!\s*\()/gi)]
      .map(([name]) => name)
      .filter((name) => name.includes('_') || name === 'up');
  };

  it('read only metrics that a role exports', () => {
    const exported = new Set(['up']);
    for (const text of Object.values(metrics)) {
      for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
        exported.add(name);
        if (type === 'histogram') for (const part of ['bucket', 'count', 'sum']) exported.add(`${name}_${part}`);
        if (type === 'summary') for (const part of ['count', 'sum']) exported.add(`${name}_${part}`);
      }
    }
    const queries = files.flatMap((file) => queriesIn(file).map((query) => ({ file: path.basename(file), query })));
    expect(new Set(queries.map(({ file }) => file)).size).toBe(files.length);
    const unknown = queries.flatMap(({ file, query }) =>
      metricsOf(query).flatMap((name) => (exported.has(name) ? [] : [`${file}: ${name}`])),
    );
    expect(queries.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });

  it('find what was just done in the metrics, and nobody in their labels', () => {
    const { auth = '', billing = '', gateway = '' } = metrics;
    const agent = metrics['agent-orchestrator'] ?? '';
    expect(auth).toContain(
      'auth_sign_ins_total{method="password",outcome="auth.invalid_credentials",service="auth"} 1',
    );
    expect(agent).toMatch(
      /model_call_duration_seconds_count\{[^}]*provider="builtin",model="builtin",outcome="ok"\} [1-9]/,
    );
    expect(agent).toMatch(/agent_runs_open\{state="running",service="agent-orchestrator"\} 0/);
    expect(billing).toMatch(/billing_holds_open\{service="billing"\} 0/);
    expect(billing).toMatch(/billing_spent_micros_total\{provider="builtin",service="billing"\} \d+/);
    expect(gateway).toMatch(/gateway_breaker_state\{upstream="auth",service="gateway"\} 0/);
    expect(gateway).toMatch(/redis_memory_used_bytes\{service="gateway"\} [1-9]/);
    for (const text of Object.values(metrics)) {
      expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
      expect(text).not.toContain('@example.com');
    }
  });
});
