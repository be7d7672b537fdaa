import { createHash, randomUUID } from 'node:crypto';
import { erasureReports, serviceNames } from '@atrium/contracts';
import { findErasureGaps, NO_WORKSPACE } from '@atrium/service-kit';
import { eventually } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { service } from '../src/service.ts';
import { PASSWORD, startAuth, type Auth } from './fixtures/auth.fixture.ts';
import { someone, startTeam, type Someone } from './fixtures/team.fixture.ts';

let auth: Auth;
let mails: string;
beforeAll(async () => {
  mails = await mkdtemp(path.join(tmpdir(), 'atrium-mails-'));
  auth = await startAuth({ MAIL_DIR: mails });
});
afterAll(async () => {
  await auth.close();
  await rm(mails, { recursive: true, force: true });
});

interface Progress {
  readonly state: string;
  readonly services: {
    service: string;
    state: string;
    percent: number;
    erased: { kind: string; count: number }[];
    retained: { kind: string; count: number; reason: string }[];
  }[];
  readonly certificate: { body: Record<string, unknown>; sha256: string; signature: string } | null;
}

const progressOf = async (id: string, token: string): Promise<Progress> => {
  const answer = await request(auth.url).get(`/api/v1/me/erasure/${id}`).set('x-erasure-token', token);
  expect(answer.status).toBe(200);
  return answer.body as Progress;
};

/** Reports for the services that do not run here, as they do. */
const report = async (erasureId: string, percent?: number): Promise<void> => {
  for (const name of serviceNames.filter((one) => one !== 'auth')) {
    const event = percent === undefined ? erasureReports[name].completed : erasureReports[name].progressed;
    const at = new Date().toISOString();
    const done = { erasureId, startedAt: at, completedAt: at, erased: [{ kind: 'things', count: 2 }], retained: [] };
    const envelope = {
      specversion: '1.0',
      id: randomUUID(),
      source: '/atrium/test',
      type: event.type,
      time: at,
      subject: erasureId,
      datacontenttype: 'application/json',
      workspaceid: NO_WORKSPACE,
      data: percent === undefined ? done : { erasureId, percent },
    };
    await auth.database.query(
      `insert into auth.outbox (event_id, subscriber, key, type, workspace_id, envelope)
       values ($1, 'auth', $2, $3, $4, $5)`,
      [envelope.id, `${erasureId}${name}`, event.type, NO_WORKSPACE, JSON.stringify(envelope)],
    );
  }
};

/** Between two looks; who looks too often is refused. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

const settled = (id: string, token: string): Promise<Progress> =>
  eventually(async () => {
    const progress = await progressOf(id, token);
    if (progress.state === 'done') return progress;
    await pause();
    return undefined;
  }, 180_000);

const eraseMe = (who: Someone, body: object = { confirm: who.email }) => who.call('delete', '/me', body);

const rowsAbout = async (needle: string): Promise<string[]> => {
  const tables = await auth.database.query<{ name: string }>(
    `select relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where nspname = 'auth' and relkind = 'r' order by 1`,
  );
  const found: string[] = [];
  // Events lie in the outbox for services that do not run here.
  for (const { name } of tables.filter((table) => table.name !== 'outbox')) {
    const rows = await auth.database.query(`select 1 from auth.${name} t where to_jsonb(t)::text like $1`, [
      `%${needle}%`,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
};

it('names every table', async () => {
  expect(await findErasureGaps(auth.database, 'auth', service.erasure)).toEqual([]);
});

describe('deleting an account', () => {
  it('needs the address, and a fresh session or the password', async () => {
    const ana = await someone(auth);
    expect((await eraseMe(ana, { confirm: 'other@example.com' })).status).toBe(422);
    expect((await eraseMe(ana, {})).status).toBe(422);
    expect((await eraseMe(ana, { confirm: ana.email, password: 'wrong' })).body).toMatchObject({
      status: 403,
      code: 'auth.wrong_password',
    });
    await auth.database.query(`update auth.sessions set created_at = now() - interval '1 hour' where user_id = $1`, [
      ana.id,
    ]);
    expect((await eraseMe(ana)).body).toMatchObject({ status: 403, code: 'auth.reauthentication_needed' });
    expect((await auth.me(ana.accessToken)).status).toBe(200);
    expect((await eraseMe(ana, { confirm: ana.email.toUpperCase(), password: PASSWORD })).status).toBe(202);
  });

  it('is refused to the last owner among others, who is told where', async () => {
    const team = await startTeam(auth);
    await team.join('member');
    const refused = await eraseMe(team.owner);
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'erasure.last_owner',
      workspaces: [{ id: team.id, name: team.owner.workspace.name }],
    });
    expect((await auth.me(team.owner.accessToken)).status).toBe(200);
    expect(await rowsAbout(team.owner.id)).not.toContain('erasures');
  });

  it('ends everything at once, erases, counts, certifies, and writes twice', async () => {
    const team = await startTeam(auth);
    const ana = await team.join('admin');
    await auth.database.query(
      `insert into auth.invitations (id, workspace_id, email, role, token_hash, created_at, expires_at)
       values (gen_random_uuid(), $1, $2, 'viewer', sha256('e'), now(), now() + interval '1 day')`,
      [team.id, ana.email],
    );
    await ana.call('patch', '/me/profile', { company: 'Ana Unlimited' });
    const begun = await eraseMe(ana);
    expect(begun.status).toBe(202);
    const { id, token } = begun.body as { id: string; token: string };
    expect(begun.headers['location']).toBe(`/api/v1/me/erasure/${id}`);
    expect((await auth.me(ana.accessToken)).status).toBe(401);
    expect((await auth.refresh(ana.refreshToken)).status).toBe(401);
    const [unknown, gone] = [await auth.login(auth.newEmail()), await auth.login(ana.email)];
    const told = ({ status, body }: typeof gone) => ({ status, code: (body as { code: string }).code });
    expect(told(gone)).toEqual(told(unknown));

    for (const [wrong, code] of [
      [await request(auth.url).get(`/api/v1/me/erasure/${id}`), 404],
      [await request(auth.url).get(`/api/v1/me/erasure/${id}`).set('x-erasure-token', 'guess'), 404],
      [await request(auth.url).get(`/api/v1/me/erasure/${randomUUID()}`).set('x-erasure-token', token), 404],
    ] as const)
      expect(wrong.status).toBe(code);
    const early = await progressOf(id, token);
    expect(early.state).toBe('erasing');
    expect(early.services.map((one) => one.service)).toEqual([...serviceNames]);
    await report(id, 50);
    await eventually(async () => {
      await pause();
      return (await progressOf(id, token)).services.some(({ percent }) => percent === 50);
    });
    await report(id);
    const done = await settled(id, token);
    const own = Object.fromEntries(done.services[0]?.erased.map(({ kind, count }) => [kind, count]) ?? []);
    expect(own).toMatchObject({ users: 1, profiles: 1, members: 2, workspaces: 1, invitations: 1 });
    expect(done.services[0]?.retained).toMatchObject([{ kind: 'audit_log' }, { kind: 'revocations' }]);
    expect(done.services[1]).toMatchObject({ state: 'done', erased: [{ kind: 'things', count: 2 }] });

    const { body, sha256, signature } = done.certificate ?? { body: {}, sha256: '', signature: '' };
    expect(jwt.verify(signature, auth.publicKey, { algorithms: ['ES256'] })).toEqual(body);
    expect(body['subjectSha256']).toBe(createHash('sha256').update(ana.id).digest('hex'));
    const letters = await eventually(async () => {
      const files = await readdir(mails);
      const texts = await Promise.all(files.map((file) => readFile(path.join(mails, file), 'utf8')));
      const mine = texts
        .map((text) => text.replace(/=\r?\n/g, ''))
        .filter((text) => text.includes(`To: ${ana.email}`) && text.includes('Subject: Your account'));
      return mine.length === 2 && mine;
    });
    expect(letters.join()).toContain(sha256);
    await eventually(async () => (await rowsAbout(ana.id)).join() === 'audit_log,revocations');
    expect(await rowsAbout(ana.email)).toEqual([]);
    expect(await rowsAbout('Ana Unlimited')).toEqual([]);
    expect(await team.roleOf(team.owner.id)).toBe('owner');
    expect((await auth.post('/api/v1/auth/register', { email: ana.email, password: PASSWORD })).status).toBe(201);
  }, 180_000);
});

describe('deleting a workspace', () => {
  it('is for owners who say its name and have another', async () => {
    const team = await startTeam(auth);
    const { name } = team.owner.workspace;
    const admin = await team.join('admin');
    const path = `/workspaces/${team.id}`;
    expect((await admin.call('delete', path, { confirm: name })).status).toBe(403);
    expect((await team.owner.call('delete', path, { confirm: 'Something' })).status).toBe(422);
    expect((await team.owner.call('delete', path, { confirm: name })).body).toMatchObject({
      code: 'erasure.only_workspace',
    });
    const other = await someone(auth);
    expect((await other.call('delete', path, { confirm: name })).status).toBe(404);
    expect(await team.roleOf(admin.id)).toBe('admin');
  });

  it('lets its people go on elsewhere, and shows the progress to who asked', async () => {
    const team = await startTeam(auth);
    const member = await team.join('member');
    await team.owner.call('post', '/workspaces', { name: 'Another' });
    const begun = await team.owner.call('delete', `/workspaces/${team.id}`, { confirm: team.owner.workspace.name });
    expect(begun.status).toBe(202);
    const { id, token } = begun.body as { id: string; token: string };
    expect((await auth.me(member.accessToken)).status).toBe(401);
    const [mine, theirs] = [await auth.refresh(team.owner.refreshToken), await auth.refresh(member.refreshToken)];
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    const tokens = [mine, theirs].map(({ body }) => (body as { accessToken: string }).accessToken);
    const me = await auth.me(tokens[0] ?? '');
    expect((me.body as { workspace: { name: string } }).workspace.name).toBe('Another');
    expect((await auth.get(`/api/v1/me/erasure/${id}`, tokens[0] ?? '')).status).toBe(200);
    expect((await auth.get(`/api/v1/me/erasure/${id}`, tokens[1] ?? '')).status).toBe(404);
    await report(id);
    const done = await settled(id, token);
    const own = Object.fromEntries(done.services[0]?.erased.map(({ kind, count }) => [kind, count]) ?? []);
    expect(own).toMatchObject({ workspaces: 1, members: 2 });
    expect(await rowsAbout(team.id)).toEqual(['audit_heads', 'audit_log']);
    expect((await auth.me(tokens[1] ?? '')).status).toBe(200);
  }, 180_000);
});
