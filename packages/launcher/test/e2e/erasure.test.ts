import { createHash, createPublicKey, randomBytes, randomUUID, verify, type JsonWebKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createVault, dataKeys, findErasureGaps } from '@atrium/service-kit';
import { eventually, forgetKeys, redisUrl } from '@atrium/testing';
import { Redis } from 'ioredis';
import { signUp, startPlatformUnderTest, type Person, type PlatformUnderTest } from './platform.fixture.ts';

interface Report {
  readonly service: string;
  readonly state: string;
  readonly erased: readonly { kind: string; count: number }[];
  readonly retained: readonly { kind: string; count: number; reason: string }[];
}
interface Progress {
  readonly state: string;
  readonly services: readonly Report[];
  readonly certificate: { body: object; sha256: string; signature: string };
}

const schemas = ['auth', 'agent', 'document', 'billing', 'calendar'];
const SECRET = 'Zanzibar otters sleep on tuesdays';
const DATA_KEYS = `1:${randomBytes(32).toString('base64')}`;
const prefix = `e2e-erasure-${randomBytes(6).toString('hex')}`;

let platform: PlatformUnderTest;
let folder: string;
let google: Server;
const revoked: string[] = [];
const redis = new Redis(redisUrl(), { disconnectTimeout: 200 });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atrium-e2e-'));
  google = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      revoked.push(new URLSearchParams(body).get('token') ?? '');
      res.end('{}');
    });
  });
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  platform = await startPlatformUnderTest({
    DATA_KEYS,
    QUEUE_PREFIX: prefix,
    BLOB_DIR: path.join(folder, 'blobs'),
    MAIL_DIR: path.join(folder, 'mail'),
    RATE_LIMIT_WINDOW: '10',
    GOOGLE_REVOKE_URL: `http://127.0.0.1:${(google.address() as AddressInfo).port}/revoke`,
  });
}, 180_000);
afterAll(async () => {
  await platform.close();
  await forgetKeys(redis, prefix);
  redis.disconnect();
  await new Promise((resolve) => google.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const api = (rest: string): string => `${platform.gateway}/api/v1${rest}`;

/** A conversation with an answer, a document that can be searched, and an event. */
const live = async (person: Person, text: string): Promise<void> => {
  const form = new FormData();
  form.set('file', new Blob([`${text}. They do so every week.`]), 'otters.txt');
  const document = (await person.call('POST', api('/documents'), form)).json as { id: string };
  await eventually(
    async () => (await person.call('GET', api(`/documents/${document.id}`))).json['status'] === 'ready',
    30_000,
  );
  const conversation = (await person.call('POST', api('/conversations'), {})).json as { id: string };
  const asked = await person.call('POST', api(`/conversations/${conversation.id}/messages`), { text });
  const { run } = asked.json as { run: { id: string } };
  await eventually(
    async () => (await person.call('GET', api(`/runs/${run.id}`))).json['state'] === 'completed',
    30_000,
  );
  const event = await person.call('POST', api('/calendar/events'), {
    title: text,
    startsAt: '2026-03-10T12:00:00Z',
    endsAt: '2026-03-10T13:00:00Z',
    timeZone: 'UTC',
  });
  expect([asked.status, event.status]).toEqual([202, 201]);
};

/** A grant as the flow with Google leaves it. */
const connectCalendar = async ({ user, workspace }: Person): Promise<void> => {
  const place = `integrations:${workspace.id}:${user.id}:google:7`;
  await platform.database.query(
    `insert into calendar.integrations
       (id, workspace_id, user_id, provider, subject, account, scopes, sealed_token, connected_at)
     values ($1, $2, $3, 'google', '7', 'g@example.com', '{}', $4, now())`,
    [randomUUID(), workspace.id, user.id, createVault(dataKeys.parse(DATA_KEYS)).seal('1//grant', place)],
  );
};

/** Where a text still is: tables as `schema.table`, keys of Redis, files. */
const tracesOf = async (needle: string): Promise<string[]> => {
  const found: string[] = [];
  for (const schema of schemas) {
    const tables = await platform.database.query<{ name: string }>(
      `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where nspname = $1 and relkind in ('r', 'p') order by 1`,
      [schema],
    );
    for (const { name } of tables) {
      const sql = `select 1 from ${schema}.${name} t where to_jsonb(t)::text ilike $1 limit 1`;
      if ((await platform.database.query(sql, [`%${needle}%`])).length > 0) found.push(`${schema}.${name}`);
    }
  }
  for (const key of await redis.keys(`${prefix}*`)) {
    const dump = (await redis.dumpBuffer(key))?.toString('latin1') ?? '';
    if (`${key}${dump}`.includes(needle)) found.push(`redis ${key.replaceAll(/[0-9a-f-]{36}/g, '*')}`);
  }
  for (const entry of await readdir(path.join(folder, 'blobs'), { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (file.includes(needle) || (entry.isFile() && (await readFile(file, 'utf8')).includes(needle))) found.push(file);
  }
  return found;
};

/** Every row of a workspace, over all schemas. */
const rowsOf = async (workspaceId: string): Promise<string> => {
  const tables = await platform.database.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_attribute a
     join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where a.attname = 'workspace_id' and c.relkind = 'r' and n.nspname = any($1)
       and c.relname not in ('outbox', 'jobs') order by 1`,
    [schemas],
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      platform.database.query(
        `select $2::text as name, to_jsonb(t)::text as row from ${name} t where workspace_id = $1 order by 2`,
        [workspaceId, name],
      ),
    ),
  );
  return JSON.stringify(rows);
};

describe('deleting an account', () => {
  it('erases it everywhere, with progress and a certificate, and leaves others as they were', async () => {
    const [anna, bruno] = [await signUp(platform.gateway, 'anna'), await signUp(platform.gateway, 'bruno')];
    const { email } = (await anna.call('GET', api('/auth/me'))).json['user'] as { email: string };
    await live(anna, SECRET);
    await live(bruno, 'Badgers stay');
    await connectCalendar(anna);
    for (const schema of schemas)
      await eventually(
        async () => (await platform.database.query(`select 1 from ${schema}.outbox`)).length === 0,
        15_000,
      );
    const before = await rowsOf(bruno.workspace.id);
    expect(await tracesOf(SECRET)).toEqual(
      expect.arrayContaining(['agent.messages', 'document.chunks', 'calendar.events']),
    );

    const begun = await anna.call('DELETE', api('/me'), { confirm: email });
    expect(begun.status).toBe(202);
    const { token, progress: place } = begun.json as { token: string; progress: string };
    const look = async (): Promise<Progress> => {
      const answer = await fetch(`${platform.gateway}${place}`, { headers: { 'x-erasure-token': token } });
      return (await answer.json()) as Progress;
    };
    expect((await look()).services).toHaveLength(5);
    expect((await fetch(`${platform.gateway}${place}`)).status).toBe(404);
    await eventually(async () => (await anna.call('GET', api('/documents'))).status === 401, 2_000);
    const done = await eventually(async () => {
      const now = await look();
      if (now.state === 'done') return now;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return undefined;
    }, 180_000);

    const counts = Object.fromEntries(
      done.services.map(({ service, erased }) => [
        service,
        Object.fromEntries(erased.map(({ kind, count }) => [kind, count])),
      ]),
    );
    expect(counts).toMatchObject({
      auth: { users: 1, workspaces: 1, members: 1 },
      'agent-orchestrator': { conversations: 1, messages: 2, runs: 1, run_streams: 1, agents: 1 },
      document: { documents: 1, document_versions: 1, passages_with_vectors: 1 },
      calendar: { calendars: 1, events: 1, integrations: 1, google_grants_revoked: 1 },
    });
    expect(counts['document']?.['files']).toBeGreaterThan(0);
    expect(revoked).toEqual(['1//grant']);
    expect(done.services.flatMap(({ retained }) => retained.map(({ kind }) => kind)).sort()).toEqual([
      ...['audit_log', 'audit_log', 'audit_log', 'audit_log'],
      'holds',
      'ledger_accounts',
      'ledger_batches',
      'ledger_entries',
      'ledger_heads',
      'ledger_postings',
      'revocations',
      'usage_records',
    ]);

    const { certificate } = done;
    const { keys } = (await (await fetch(`${platform.gateway}/.well-known/jwks.json`)).json()) as {
      keys: (JsonWebKey & { kid: string })[];
    };
    const [head = '', body = '', signature = ''] = certificate.signature.split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string };
    const key = createPublicKey({ key: keys.find((one) => one.kid === kid) ?? {}, format: 'jwk' });
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    expect(isSigned).toBe(true);
    const payload = Buffer.from(body, 'base64url');
    expect(JSON.parse(payload.toString())).toEqual(certificate.body);
    expect(createHash('sha256').update(payload).digest('hex')).toBe(certificate.sha256);

    await eventually(async () => (await tracesOf(email)).length === 0, 15_000);
    expect(await tracesOf(SECRET)).toEqual([]);
    // The gateway counts requests by user, for the length of its window.
    await eventually(async () => !(await tracesOf(anna.user.id)).some((trace) => trace.startsWith('redis')), 20_000);
    // The books have the workspace's id and nothing else; the audit log and recalled tokens name the user's id.
    const logs = ['agent', 'auth', 'calendar', 'document'].map((schema) => `${schema}.audit_log`);
    expect((await tracesOf(anna.user.id)).sort()).toEqual([...logs, 'auth.revocations'].sort());
    const heads = logs.map((log) => log.replace('audit_log', 'audit_heads'));
    // What its plan allows is kept in Redis for a minute, and goes by itself.
    const passing = /^(billing\.|redis .*:entitlements:)/;
    const left = (await tracesOf(anna.workspace.id)).filter((trace) => !passing.test(trace));
    expect(left.sort()).toEqual([...heads, ...logs].sort());
    expect(await rowsOf(bruno.workspace.id)).toBe(before);

    const login = async (address: string) => {
      const body = JSON.stringify({ email: address, password: 'a long pass phrase' });
      const answer = await fetch(api('/auth/login'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      return { status: answer.status, code: ((await answer.json()) as { code: string }).code };
    };
    expect(await login(email)).toEqual(await login('nobody-at-all@example.com'));
    const again = await fetch(api('/auth/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'a long pass phrase' }),
    });
    expect(again.status).toBe(201);
  }, 120_000);

  it('can forget no table: every service says of each what becomes of it', async () => {
    const gaps = await Promise.all(
      platform.definitions.map(async (definition) =>
        definition.schema && definition.erasure
          ? findErasureGaps(platform.database, definition.schema, definition.erasure)
          : [],
      ),
    );
    expect(gaps.flat()).toEqual([]);
  });
});
