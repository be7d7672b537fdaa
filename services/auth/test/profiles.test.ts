import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';
import { someone } from './fixtures/team.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

describe('a profile', () => {
  it('begins with the account, changes in parts, and is replaced whole', async () => {
    const ana = await someone(auth, { name: 'Ana' });
    const empty = { jobTitle: null, company: null, about: null };
    expect((await ana.call('get', '/me/profile/')).body).toMatchObject({ id: ana.id, name: 'Ana', ...empty });
    const changed = await ana.call('patch', '/me/profile', { jobTitle: ' Pilot ', about: 'Flies.' });
    expect(changed.body).toMatchObject({ name: 'Ana', jobTitle: 'Pilot', about: 'Flies.' });
    await ana.call('patch', '/me/profile', { about: '' });
    expect((await ana.call('get', '/me/profile')).body).toMatchObject({ jobTitle: 'Pilot', about: null });
    const put = await ana.call('put', '/users/profile/', { name: 'Ana B.', company: 'Air' });
    expect(put.body).toMatchObject({ name: 'Ana B.', jobTitle: null, company: 'Air', about: null });
    expect((await auth.me(ana.accessToken)).body).toMatchObject({ user: { name: 'Ana B.' } });
  });

  it('takes nothing that is not of it', async () => {
    const ana = await someone(auth);
    for (const body of [{ email: 'other@example.com' }, { id: ana.id }, { name: '' }, { about: 'x'.repeat(2001) }]) {
      expect((await ana.call('patch', '/me/profile', body)).status).toBe(422);
      expect((await ana.call('put', '/users/profile', { name: 'New', ...body })).status).toBe(422);
    }
    expect((await ana.call('get', '/me/profile')).body).toMatchObject({ email: ana.email, name: ana.user.name });
  });

  it('is of one person', async () => {
    const [ana, bea] = [await someone(auth), await someone(auth)];
    await ana.call('patch', '/me/profile', { company: 'Air' });
    await ana.call('patch', '/me/preferences', { theme: 'dark' });
    expect((await bea.call('get', '/me/profile')).body).toMatchObject({ company: null });
    expect((await bea.call('get', '/me/preferences')).body).toMatchObject({ theme: 'system' });
  });
});

describe('preferences', () => {
  it('begin with what was said at signing up, and change in parts', async () => {
    const ana = await someone(auth, { locale: 'es', timeZone: 'America/Bogota' });
    const before = (await ana.call('get', '/me/preferences/')).body as { notifications: { email: object } };
    expect(before).toMatchObject({ locale: 'es', timeZone: 'America/Bogota', theme: 'system' });
    const answer = await ana.call('patch', '/me/preferences', {
      locale: 'pt',
      theme: 'dark',
      notifications: { email: { meetings: false } },
    });
    expect(answer.body).toEqual({
      ...before,
      locale: 'pt',
      theme: 'dark',
      notifications: { ...before.notifications, email: { ...before.notifications.email, meetings: false } },
    });
    expect((await ana.call('get', '/me/preferences')).body).toEqual(answer.body);
    expect((await auth.me(ana.accessToken)).body).toMatchObject({ user: { locale: 'pt' } });
  });

  it('lose nothing when two parts change at once', async () => {
    const ana = await someone(auth);
    await Promise.all([
      ana.call('patch', '/me/preferences', { theme: 'light' }),
      ana.call('patch', '/me/preferences', { notifications: { app: { billing: false } } }),
      ana.call('patch', '/me/preferences', { timeZone: 'Asia/Tokyo' }),
    ]);
    expect((await ana.call('get', '/me/preferences')).body).toMatchObject({
      theme: 'light',
      timeZone: 'Asia/Tokyo',
      notifications: { app: { billing: false } },
    });
  });

  it('refuse what cannot be chosen, and change nothing then', async () => {
    const ana = await someone(auth);
    const before = (await ana.call('get', '/me/preferences')).body as object;
    const answer = await ana.call('patch', '/me/preferences', { theme: 'dark', timeZone: 'Mars/Olympus' });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.body).toMatchObject({ status: 422, errors: [{ path: 'body.timeZone' }] });
    expect((await ana.call('get', '/me/preferences')).body).toEqual(before);
  });
});
