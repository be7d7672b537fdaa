import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAuth, type Auth, type SignedIn } from './fixtures/auth.fixture.ts';
import { eventsOf, person, someone, startTeam, type Someone } from './fixtures/team.fixture.ts';

let auth: Auth;
beforeAll(async () => {
  auth = await startAuth();
});
afterAll(() => auth.close());

interface Invited {
  id: string;
  token: string;
  state: string;
}
const invite = async (by: Someone, email: string, role = 'member'): Promise<Invited> =>
  (await by.call('post', `/workspaces/${by.workspace.id}/invitations`, { email, role })).body as Invited;
const accept = (by: Someone, token: string) => by.call('post', '/invitations/accept', { token });

describe('an invitation', () => {
  it('brings in the person it is for, once, in the role it names, and tells calendar', async () => {
    const { id, owner, roleOf } = await startTeam(auth);
    const guest = await someone(auth, { timeZone: 'America/Bogota' });
    const sent = await invite(owner, guest.email.toUpperCase(), 'admin');
    expect(sent).toMatchObject({ email: guest.email, role: 'admin', state: 'open', invitedBy: owner.id });
    const taken = await accept(guest, sent.token);
    expect(taken.body).toEqual({ id, name: owner.workspace.name, role: 'admin' });
    expect(await roleOf(guest.id)).toBe('admin');
    const told = await eventsOf(auth, 'auth.member.joined.v1', id);
    expect(told.map(({ subscriber }) => subscriber)).toEqual(['calendar']);
    expect(told[0]?.data).toMatchObject({ userId: guest.id, role: 'admin', timeZone: 'America/Bogota' });
    expect((await accept(guest, sent.token)).body).toMatchObject({ status: 409, code: 'invitation.accepted' });

    const moved = await guest.call('post', `/workspaces/${id}/switch`);
    const admin = person(auth, { ...(moved.body as SignedIn), user: guest.user, workspace: owner.workspace });
    const list = await admin.call('get', `/workspaces/${id}/invitations`);
    expect(list.body).toMatchObject({ data: [{ id: sent.id, state: 'accepted' }] });
    expect(list.text).not.toContain(sent.token);
  });

  it('is kept as a hash only', async () => {
    const owner = await someone(auth);
    const { token } = await invite(owner, auth.newEmail());
    const kept = await auth.database.query(
      `select to_jsonb(i)::text as row from auth.invitations i where workspace_id = $1`,
      [owner.workspace.id],
    );
    expect(JSON.stringify(kept)).not.toContain(token);
    expect(JSON.stringify(kept)).not.toContain(Buffer.from(token).toString('hex'));
  });

  it('is good for one of many who come at once', async () => {
    const owner = await someone(auth);
    const guest = await someone(auth);
    const { token } = await invite(owner, guest.email);
    const statuses = (await Promise.all([1, 2, 3, 4].map(() => accept(guest, token)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409, 409, 409]);
    expect(await eventsOf(auth, 'auth.member.joined.v1', owner.workspace.id)).toHaveLength(1);
  });

  it('is given the same answer when it is accepted again with the same key', async () => {
    const [owner, guest] = [await someone(auth), await someone(auth)];
    const { token } = await invite(owner, guest.email);
    const send = () => accept(guest, token).set('idempotency-key', 'accept');
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body).toEqual(first.body);
  });

  it('does not exist for somebody else, nor does a made-up one', async () => {
    const [owner, guest, thief] = [await someone(auth), await someone(auth), await someone(auth)];
    const { token } = await invite(owner, guest.email);
    const answers = [await accept(thief, token), await accept(thief, 'a'.repeat(43))];
    for (const { body } of answers) expect(body).toMatchObject({ status: 404, code: 'invitation.not_found' });
    expect((await accept(guest, token)).status).toBe(200);
  });

  it('ends by being revoked, by time, or by another one', async () => {
    const [owner, guest] = [await someone(auth), await someone(auth)];
    const path = `/workspaces/${owner.workspace.id}/invitations`;
    const revoked = await invite(owner, guest.email);
    expect((await owner.call('delete', `${path}/${revoked.id}`)).status).toBe(204);
    expect((await owner.call('delete', `${path}/${revoked.id}/`)).status).toBe(204);
    expect((await accept(guest, revoked.token)).body).toMatchObject({ code: 'invitation.revoked' });

    const expired = await invite(owner, guest.email);
    await auth.database.query(`update auth.invitations set expires_at = now() where id = $1`, [expired.id]);
    expect((await accept(guest, expired.token)).body).toMatchObject({ code: 'invitation.expired' });

    const [replaced, last] = [await invite(owner, guest.email), await invite(owner, guest.email)];
    expect((await accept(guest, replaced.token)).body).toMatchObject({ code: 'invitation.revoked' });
    expect((await accept(guest, last.token)).status).toBe(200);
    const late = await owner.call('delete', `${path}/${last.id}`);
    expect(late.body).toMatchObject({ status: 409, code: 'invitation.accepted' });
  });

  it('is not sent to members, nor to owners-to-be by an administrator', async () => {
    const { id, owner, join } = await startTeam(auth);
    const admin = await join('admin');
    const path = `/workspaces/${id}/invitations`;
    const again = await admin.call('post', path, { email: owner.email, role: 'viewer' });
    expect(again.body).toMatchObject({ status: 409, code: 'member.exists' });
    const raised = await admin.call('post', path, { email: auth.newEmail(), role: 'owner' });
    expect(raised.body).toMatchObject({ status: 403, code: 'access.forbidden' });
    for (const body of [{ email: 'x' }, { email: auth.newEmail(), role: 'king' }, { email: auth.newEmail() }])
      expect((await admin.call('post', path, body)).status).toBe(422);
    expect((await admin.call('get', path)).body).toMatchObject({ data: [] });
  });

  it('is listed the latest first, page by page', async () => {
    const owner = await someone(auth);
    const sent = [];
    for (let at = 0; at < 3; at += 1) sent.push((await invite(owner, auth.newEmail())).id);
    const path = `/workspaces/${owner.workspace.id}/invitations?limit=2`;
    const first = (await owner.call('get', path)).body as { data: { id: string }[]; page: { nextCursor: string } };
    const rest = (await owner.call('get', `${path}&cursor=${first.page.nextCursor}`)).body as typeof first;
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(sent.toReversed());
  });
});
