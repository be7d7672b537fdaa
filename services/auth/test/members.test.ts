import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';
import { person, someone, startTeam } from './fixtures/team.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

describe('members', () => {
  it('are listed, found, promoted and removed', async () => {
    const { id, owner, join, roleOf } = await startTeam(auth);
    const [admin, viewer] = [await join('admin'), await join('viewer')];
    const path = `/workspaces/${id}/members`;
    const first = await viewer.call('get', `${path}?limit=2`);
    const { data, page } = first.body as { data: { userId: string }[]; page: { nextCursor: string } };
    const second = await viewer.call('get', `${path}/?limit=2&cursor=${page.nextCursor}`);
    const all = [...data, ...(second.body as { data: { userId: string }[] }).data];
    expect(all.map(({ userId }) => userId)).toEqual([owner.id, admin.id, viewer.id]);
    expect(all[0]).toMatchObject({ email: owner.email, role: 'owner', disabled: false });
    expect(JSON.stringify(all)).not.toMatch(/hash|locale/i);

    const promoted = await admin.call('patch', `${path}/${viewer.id.toUpperCase()}`, { role: 'member' });
    expect(promoted.body).toMatchObject({ userId: viewer.id, role: 'member' });
    expect((await admin.call('delete', `${path}/${viewer.id}`)).status).toBe(204);
    expect(await roleOf(viewer.id)).toBeUndefined();
    expect((await auth.refresh(viewer.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    expect((await admin.call('delete', `${path}/${viewer.id}`)).status).toBe(404);
  });

  it('that are owners are made and touched by owners only', async () => {
    const { id, owner, join, roleOf } = await startTeam(auth);
    const [admin, member] = [await join('admin'), await join('member')];
    const path = `/workspaces/${id}/members`;
    for (const answer of [
      await admin.call('patch', `${path}/${member.id}`, { role: 'owner' }),
      await admin.call('patch', `${path}/${admin.id}`, { role: 'owner' }),
      await admin.call('patch', `${path}/${owner.id}`, { role: 'viewer' }),
      await admin.call('delete', `${path}/${owner.id}`),
      await admin.call('put', `/users/${owner.id}`, { disabled: true }),
    ])
      expect(answer.body).toMatchObject({ status: 403, code: 'access.forbidden' });
    expect([await roleOf(owner.id), await roleOf(admin.id), await roleOf(member.id)]).toEqual([
      'owner',
      'admin',
      'member',
    ]);
    expect((await owner.call('patch', `${path}/${member.id}`, { role: 'owner' })).body).toMatchObject({
      role: 'owner',
    });
  });

  it('change by the rights of now, not by those of the token', async () => {
    const { id, owner, join } = await startTeam(auth);
    const [admin, member] = [await join('admin'), await join('member')];
    await owner.call('patch', `/workspaces/${id}/members/${admin.id}`, { role: 'viewer' });
    const late = await admin.call('patch', `/workspaces/${id}/members/${member.id}`, { role: 'viewer' });
    expect(late.body).toMatchObject({ status: 401, code: 'token.revoked' });
    const { accessToken } = (await auth.refresh(admin.refreshToken)).body as { accessToken: string };
    const again = await person(auth, { ...admin, accessToken }).call(
      'patch',
      `/workspaces/${id}/members/${member.id}`,
      {
        role: 'viewer',
      },
    );
    expect(again.body).toMatchObject({ status: 403, code: 'access.forbidden' });
  });

  it('leave by themselves, the last owner never', async () => {
    const { id, owner, join, roleOf } = await startTeam(auth);
    const viewer = await join('viewer');
    expect((await viewer.call('post', `/workspaces/${id}/leave`)).status).toBe(204);
    expect(await roleOf(viewer.id)).toBeUndefined();
    expect((await viewer.call('post', `/workspaces/${id}/leave`)).body).toMatchObject({ code: 'token.revoked' });
    const only = await owner.call('post', `/workspaces/${id}/leave`);
    expect(only.body).toMatchObject({ status: 409, code: 'member.only_workspace' });
    await owner.call('post', '/workspaces', { name: 'Another' });
    for (const answer of [
      await owner.call('post', `/workspaces/${id}/leave`),
      await owner.call('delete', `/workspaces/${id}/members/${owner.id}`),
      await owner.call('patch', `/workspaces/${id}/members/${owner.id}`, { role: 'admin' }),
      await owner.call('put', `/users/${owner.id}`, { disabled: true }),
    ])
      expect(answer.body).toMatchObject({ status: 409, code: 'member.last_owner' });
    expect(await roleOf(owner.id)).toBe('owner');
  });

  it('keep one owner when all of them go at once', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { id, owner, join } = await startTeam(auth);
      const owners = [owner, await join('owner'), await join('owner'), await join('owner')];
      await owner.call('post', '/workspaces', { name: 'Another' });
      const path = `/workspaces/${id}`;
      const answers = await Promise.all(
        owners.map((one, at) => {
          if (at % 3 === 0) return one.call('post', `${path}/leave`);
          if (at % 3 === 1) return one.call('patch', `${path}/members/${one.id}`, { role: 'viewer' });
          return one.call('patch', `${path}/members/${owners[at - 1]?.id ?? ''}`, { role: 'admin' });
        }),
      );
      for (const { status } of answers) expect([200, 204, 403, 404, 409]).toContain(status);
      const [left] = await auth.database.query<{ owners: number }>(
        `select count(*)::int as owners from auth.members where workspace_id = $1 and role = 'owner' and disabled_at is null`,
        [id],
      );
      expect(left?.owners).toBeGreaterThanOrEqual(1);
    }
  });

  it('keep exactly one owner when two demote each other', async () => {
    const { id, owner, join } = await startTeam(auth);
    const other = await join('owner');
    const path = `/workspaces/${id}/members`;
    const statuses = await Promise.all([
      owner.call('patch', `${path}/${other.id}`, { role: 'viewer' }),
      other.call('patch', `${path}/${owner.id}`, { role: 'viewer' }),
    ]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([200, 403]);
  });
});

describe('users', () => {
  it('are searched by part of name or address, taken literally, and by role', async () => {
    const { owner, join } = await startTeam(auth);
    const [ana, bea] = [await join('member'), await join('viewer')];
    await auth.database.query(`update auth.users set name = 'Ana 100%' where id = $1`, [ana.id]);
    const ids = async (query: string) =>
      ((await owner.call('get', `/users${query}`)).body as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(await ids('/')).toEqual([owner.id, ana.id, bea.id]);
    expect(await ids(`?search=${bea.email.slice(2, 14).toUpperCase()}`)).toEqual([bea.id]);
    expect(await ids('?search=100%25')).toEqual([ana.id]);
    expect(await ids('?search=_%25')).toEqual([]);
    expect(await ids('?role=viewer')).toEqual([bea.id]);
    expect((await owner.call('get', '/users?role=king')).status).toBe(422);
    expect((await owner.call('get', `/users/${(await someone(auth)).id}`)).status).toBe(404);
  });

  it('are kept out of the workspace and let in again, and stay in their others', async () => {
    const { id, owner, join } = await startTeam(auth);
    const member = await join('member');
    const put = await owner.call('put', `/users/${member.id}/`, { disabled: true, role: 'viewer' });
    expect(put.body).toMatchObject({ id: member.id, disabled: true, role: 'viewer' });
    expect((await auth.refresh(member.refreshToken)).body).toMatchObject({ code: 'auth.session_ended' });
    const enter = async () => {
      const { accessToken } = (await auth.login(member.email)).body as { accessToken: string };
      return auth.post(`/api/v1/workspaces/${id}/switch`, {}, accessToken);
    };
    expect((await enter()).status).toBe(404);
    await owner.call('put', `/users/${member.id}`, { disabled: false });
    expect((await enter()).body).toMatchObject({ workspace: { id, role: 'viewer' } });
  });

  it('refuse wrong changes whole', async () => {
    const { owner, join, roleOf } = await startTeam(auth);
    const member = await join('member');
    for (const body of [{}, { role: 'king' }, { role: 'viewer', email: 'x@example.com' }, { disabled: 'yes' }])
      expect((await owner.call('put', `/users/${member.id}`, body)).status).toBe(422);
    expect(await roleOf(member.id)).toBe('member');
  });

  it('have figures', async () => {
    const { owner, join } = await startTeam(auth);
    const member = await join('member');
    const stats = await owner.call('get', `/users/${member.id}/stats`);
    expect(stats.body).toEqual({
      id: member.id,
      role: 'member',
      disabled: false,
      joinedAt: expect.any(String),
      lastSeenAt: expect.any(String),
      sessions: { open: 1, total: 1 },
    });
    expect((await owner.call('get', `/users/${member.id}`)).body).toMatchObject({ email: member.email });
  });
});
