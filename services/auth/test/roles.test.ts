import { isAllowed, permissions, roles, type Permission, type Role } from '@atrium/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { service } from '../src/service.ts';
import { startAuth, type Auth } from './fixtures/auth.fixture.ts';
import { startTeam, type Someone, type Team } from './fixtures/team.fixture.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
interface Operation {
  readonly method: Method;
  readonly path: string;
  readonly permission: Permission;
}

const own = /^(workspace|membership|member|invitation|user|profile):|^session:write$/;

/** Every operation of workspaces, users and profiles that the document names, however many there come to be. */
const operations = Object.entries(service.openapi().paths ?? {}).flatMap(([path, item]): Operation[] =>
  /^\/api\/v1\/(workspaces|invitations|users|me)\b/.test(path)
    ? Object.entries(item as Record<string, { 'x-permission': Permission }>)
        .map(([method, operation]) => ({
          method: method as Method,
          path: path.slice('/api/v1'.length),
          permission: operation['x-permission'],
        }))
        .filter(({ permission }) => own.test(permission))
    : [],
);

let auth: Auth;
let team: Team;
const people = new Map<Role, Someone>();
beforeAll(async () => {
  auth = await startAuth();
  team = await startTeam(auth);
  for (const role of roles) people.set(role, role === 'owner' ? team.owner : await team.join(role));
});
afterAll(() => auth.close());

/** Ids that lead to the workspace of the asker but to nobody in it, so that what is allowed has no effect. */
const target = (path: string): string =>
  path
    .replace(/^\/workspaces\/\{id\}\/leave$/, `/workspaces/${crypto.randomUUID()}/leave`)
    .replace('/workspaces/{id}', `/workspaces/${team.id}`)
    .replace(/\{\w+\}/g, crypto.randomUUID());
const snapshot = () =>
  auth.database.query(
    `select (select jsonb_agg(m order by user_id) from auth.members m where workspace_id = $1) as members,
       (select to_jsonb(w) from auth.workspaces w where id = $1) as workspace,
       (select count(*) from auth.invitations where workspace_id = $1) as invitations`,
    [team.id],
  );

describe('the permission table', () => {
  it('covers the operations of this part', () => {
    expect(operations.length).toBeGreaterThanOrEqual(22);
    for (const { permission } of operations) expect(Object.keys(permissions)).toContain(permission);
  });

  const cases = operations.flatMap((operation) => roles.map((role) => ({ ...operation, role })));
  it.each(cases)('$method $path as $role', async ({ method, path, permission, role }) => {
    const before = await snapshot();
    const answer = await people.get(role)?.call(method, target(path), method === 'get' ? undefined : {});
    const refused = answer?.status === 403 && (answer.body as { code: string }).code === 'access.forbidden';
    expect({ status: answer?.status, refused }).toEqual({
      status: answer?.status,
      refused: !isAllowed(permission, { role }),
    });
    expect(answer?.status).not.toBe(401);
    expect(answer?.status).toBeLessThan(500);
    expect(await snapshot()).toEqual(before);
  });

  it.each(operations)('$method $path without a token', async ({ method, path }) => {
    const answer = await request(auth.url)[method](`/api/v1${target(path)}`);
    expect(answer.status).toBe(401);
  });
});
