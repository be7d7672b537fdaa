import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { PASSWORD, startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

const events = (email: string) =>
  auth.database.query<{ subscriber: string; event_id: string; envelope: { data: unknown; workspaceid: string } }>(
    `select subscriber, event_id, envelope from auth.outbox where envelope->'data'->>'email' = $1 order by subscriber`,
    [email],
  );

describe('signing up', () => {
  it('creates a user, a workspace they own and a session, and tells of it once', async () => {
    const email = auth.newEmail();
    const answer = await auth.post('/api/v1/auth/register', {
      email: email.toUpperCase(),
      password: PASSWORD,
      name: 'Ana',
      locale: 'pt',
      timeZone: 'Europe/Lisbon',
    });
    expect(answer.status).toBe(201);
    const { user, workspace, ...rest } = answer.body as SignedIn;
    expect(user).toMatchObject({ email, name: 'Ana', locale: 'pt', timeZone: 'Europe/Lisbon' });
    expect(workspace.name).toBe('Espaço de Ana');
    expect(Object.keys(rest).sort()).toEqual(['accessToken', 'deviceToken', 'expiresIn', 'refreshToken']);
    expect(answer.text).not.toMatch(/argon2|password/i);

    const told = await events(email);
    expect(told.map(({ subscriber }) => subscriber)).toEqual(['agent-orchestrator', 'billing', 'calendar']);
    expect(new Set(told.map(({ event_id }) => event_id)).size).toBe(1);
    expect(told[0]?.envelope).toMatchObject({
      workspaceid: workspace.id,
      data: { userId: user.id, workspaceId: workspace.id, email, name: 'Ana', locale: 'pt', timeZone: 'Europe/Lisbon' },
    });
  });

  it('fills in what was left out', async () => {
    const { user, workspace } = await auth.register('someone.else@example.com');
    expect(user).toMatchObject({ name: 'someone.else', locale: 'en', timeZone: 'UTC' });
    expect(workspace.name).toBe("someone.else's workspace");
  });

  it('refuses an address that is taken, however it is written, also for many at once', async () => {
    const email = auth.newEmail();
    const bodies = Array.from({ length: 5 }, () => ({ email, password: PASSWORD }));
    const statuses = (await Promise.all(bodies.map((body) => auth.post('/api/v1/auth/register', body)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([201, 409, 409, 409, 409]);
    const again = await auth.post('/api/v1/auth/register', { email: email.toUpperCase(), password: PASSWORD });
    expect(again.body).toMatchObject({ status: 409, code: 'auth.email_taken' });
    expect(await events(email)).toHaveLength(3);
  });

  it('names every field that is wrong', async () => {
    const answer = await auth.post('/api/v1/auth/register', {
      email: 'nobody',
      password: 'short',
      locale: 'xx',
      timeZone: 'Mars/Olympus',
      role: 'owner',
    });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    const { code, errors } = answer.body as { code: string; errors: { path: string }[] };
    expect(code).toBe('request.invalid');
    expect(errors.map(({ path }) => path).sort()).toEqual([
      'body',
      'body.email',
      'body.locale',
      'body.password',
      'body.timeZone',
    ]);
  });
});

describe('signing in', () => {
  it('works with the password, and not with another one', async () => {
    const email = auth.newEmail();
    const { user, workspace } = await auth.register(email);
    const answer = await auth.login(email);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ user: { id: user.id }, workspace: { id: workspace.id }, expiresIn: 900 });
    expect((await auth.login(email, `${PASSWORD} `)).status).toBe(401);
  });

  it('answers a wrong address and a wrong password alike', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    const answers = [await auth.login(email, 'wrong password'), await auth.login(auth.newEmail(), 'wrong password')];
    const [known, unknown] = answers.map(({ status, body, headers }) => {
      const { requestId: _id, ...problem } = body as Record<string, unknown>;
      return { status, problem, names: Object.keys(headers).sort() };
    });
    expect(known).toEqual(unknown);
    expect(known?.problem['code']).toBe('auth.invalid_credentials');
  });

  it('refuses a disabled account only to those who know its password', async () => {
    const email = auth.newEmail();
    await auth.register(email);
    await auth.database.query(`update auth.users set disabled_at = now() where email = $1`, [email]);
    expect((await auth.login(email)).body).toMatchObject({ status: 403, code: 'auth.user_disabled' });
    expect((await auth.login(email, 'wrong')).body).toMatchObject({ status: 401, code: 'auth.invalid_credentials' });
  });
});

describe('me', () => {
  it('tells who, where, as what, and which other workspaces there are', async () => {
    const [ana, bea] = [await auth.register(auth.newEmail()), await auth.register(auth.newEmail())];
    await auth.database.query(
      `insert into auth.members (workspace_id, user_id, role, created_at) values ($1, $2, 'viewer', now())`,
      [bea.workspace.id, ana.user.id],
    );
    const answer = await auth.me(ana.accessToken);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      user: ana.user,
      workspace: ana.workspace,
      role: 'owner',
      workspaces: [
        { id: ana.workspace.id, name: ana.workspace.name, role: 'owner' },
        { id: bea.workspace.id, name: bea.workspace.name, role: 'viewer' },
      ],
    });
    expect((await auth.me(bea.accessToken)).body).toMatchObject({ workspaces: [{ id: bea.workspace.id }] });
  });

  it('refuses those without a token, with one of somebody else, and those who were removed', async () => {
    expect((await request(auth.url).get('/api/v1/auth/me')).body).toMatchObject({ status: 401, code: 'token.missing' });
    const foreign = auth.issuer.token({
      userId: crypto.randomUUID(),
      workspaceId: crypto.randomUUID(),
      role: 'owner',
    });
    expect((await auth.me(foreign)).body).toMatchObject({ status: 401, code: 'token.invalid' });
    const { user, accessToken } = await auth.register(auth.newEmail());
    await auth.database.query(`delete from auth.members where user_id = $1`, [user.id]);
    expect((await auth.me(accessToken)).body).toMatchObject({ status: 401, code: 'auth.session_ended' });
  });
});
