import { route, toPage, type Transactional } from '@atrium/service-kit';
import { ListMembers } from '../members/member.schema.ts';
import type { MemberService } from '../members/member.service.ts';
import { placeOf } from '../workspaces/place.ts';
import {
  ChangeUser,
  UserParams,
  UserStats,
  viewUserStats,
  viewWorkspaceUser,
  WorkspaceUserPage,
  WorkspaceUserView,
} from './directory.schema.ts';

/** The people of the workspace, for those who administer it. */
export const directoryRoutes = ({ members }: { members: Transactional<MemberService> }) => [
  route({
    method: 'get',
    path: '/users',
    id: 'listUsers',
    summary: 'Find users of the workspace by name, address or role',
    permission: 'user:read',
    query: ListMembers,
    response: WorkspaceUserPage,
    handler: async ({ query: { limit, cursor, ...filter }, tenant }) => {
      const after = placeOf(cursor);
      const rows = await members.read(tenant, (service) => service.list(filter, limit, after));
      return toPage(rows, limit, ({ at, id }) => ({ at, id }), viewWorkspaceUser);
    },
  }),
  route({
    method: 'get',
    path: '/users/:id',
    id: 'readUser',
    summary: 'A user of the workspace',
    permission: 'user:read',
    params: UserParams,
    response: WorkspaceUserView,
    errors: [404],
    handler: async ({ params, tenant }) =>
      viewWorkspaceUser(await members.read(tenant, (service) => service.get(params.id))),
  }),
  route({
    method: 'put',
    path: '/users/:id',
    id: 'changeUser',
    summary: 'Give a user another role, or keep them out of the workspace',
    permission: 'user:write',
    params: UserParams,
    body: ChangeUser,
    bodyLimit: 8_192,
    response: WorkspaceUserView,
    errors: [404, 409],
    handler: async ({ params, body, tenant }) =>
      viewWorkspaceUser(await members.run(tenant, (service) => service.change(params.id, body))),
  }),
  route({
    method: 'get',
    path: '/users/:id/stats',
    id: 'readUserStats',
    summary: 'How a user is present in the workspace',
    permission: 'user:read',
    params: UserParams,
    response: UserStats,
    errors: [404],
    handler: ({ params, tenant }) =>
      members.read(tenant, async (service) =>
        viewUserStats(await service.get(params.id), await service.presence(params.id)),
      ),
  }),
];
