import { notFound, route, toPage, type Tenant, type Transactional } from '@atrium/service-kit';
import { placeOf } from '../workspaces/place.ts';
import {
  ChangeMember,
  ListMembers,
  MemberPage,
  MemberParams,
  MemberView,
  viewMember,
  WorkspaceParams,
} from './member.schema.ts';
import type { MemberService } from './member.service.ts';

/** The workspace of a path must be the one of the token; of others nothing is said, not even that they exist. */
export const inWorkspace = <Asker extends Tenant>(tenant: Asker, id: string): Asker =>
  tenant.workspaceId === id ? tenant : notFound('workspace', id);

/** Who is in the workspace. */
export const memberRoutes = ({ members }: { members: Transactional<MemberService> }) => [
  route({
    method: 'get',
    path: '/workspaces/:id/members',
    id: 'listMembers',
    summary: 'The members of the workspace, the longest membership first',
    permission: 'member:read',
    params: WorkspaceParams,
    query: ListMembers,
    response: MemberPage,
    errors: [404],
    handler: async ({ params, query: { limit, cursor, ...filter }, tenant }) => {
      const after = placeOf(cursor);
      const rows = await members.read(inWorkspace(tenant, params.id), (service) => service.list(filter, limit, after));
      return toPage(rows, limit, ({ at, id }) => ({ at, id }), viewMember);
    },
  }),
  route({
    method: 'patch',
    path: '/workspaces/:id/members/:userId',
    id: 'changeMember',
    summary: 'Give a member another role',
    permission: 'member:write',
    params: MemberParams,
    body: ChangeMember,
    bodyLimit: 8_192,
    response: MemberView,
    errors: [404, 409],
    handler: async ({ params, body, tenant }) =>
      viewMember(await members.run(inWorkspace(tenant, params.id), (service) => service.change(params.userId, body))),
  }),
  route({
    method: 'delete',
    path: '/workspaces/:id/members/:userId',
    id: 'removeMember',
    summary: 'Remove a member from the workspace',
    permission: 'member:write',
    params: MemberParams,
    errors: [404, 409],
    handler: ({ params, tenant }) =>
      members.run(inWorkspace(tenant, params.id), (service) => service.remove(params.userId)),
  }),
  route({
    method: 'post',
    path: '/workspaces/:id/leave',
    id: 'leaveWorkspace',
    summary: 'Leave a workspace, the present one or another',
    permission: 'membership:write',
    params: WorkspaceParams,
    errors: [404, 409],
    handler: ({ params, tenant }) =>
      members.run({ workspaceId: params.id, userId: tenant.userId }, (service) => service.leave()),
  }),
];
