import { forbidden, PageQuery, route, toPage, type Transactional, type ClientOf } from '@atrium/service-kit';
import { inWorkspace } from '../members/member.routes.ts';
import { WorkspaceParams } from '../members/member.schema.ts';
import { placeOf } from './place.ts';
import type { SwitchService } from './switch.service.ts';
import { workspaceIdOf } from './workspace.id.ts';
import {
  ChangeWorkspace,
  CreateWorkspace,
  MembershipPage,
  Switch,
  Switched,
  viewWorkspace,
  WorkspaceView,
} from './workspace.schema.ts';
import type { WorkspaceService } from './workspace.service.ts';

/** The workspaces of a person, and going from one to another. */
export const workspaceRoutes = (parts: {
  workspaces: Transactional<WorkspaceService>;
  switching: SwitchService;
  clientOf: ClientOf;
  newId: () => string;
}) => [
  route({
    method: 'get',
    path: '/workspaces',
    id: 'listWorkspaces',
    summary: 'The workspaces you are in, the longest membership first',
    permission: 'workspace:read',
    query: PageQuery,
    response: MembershipPage,
    handler: async ({ query: { limit, cursor }, tenant }) => {
      const after = placeOf(cursor);
      const rows = await parts.workspaces.read(tenant, (service) => service.list(limit, after));
      return toPage(
        rows,
        limit,
        ({ at, id }) => ({ at, id }),
        ({ id, name, role }) => ({ id, name, role }),
      );
    },
  }),
  route({
    method: 'post',
    path: '/workspaces',
    id: 'createWorkspace',
    summary: 'Open a workspace that you own',
    permission: 'workspace:create',
    status: 201,
    body: CreateWorkspace,
    bodyLimit: 8_192,
    response: WorkspaceView,
    errors: [409],
    handler: ({ body, tenant: { userId }, req }) => {
      const workspaceId = workspaceIdOf(userId, req.get('idempotency-key'), parts.newId);
      return parts.workspaces.run({ workspaceId, userId }, async (service) =>
        viewWorkspace(await service.create(body.name)),
      );
    },
  }),
  route({
    method: 'get',
    path: '/workspaces/:id',
    id: 'readWorkspace',
    summary: 'A workspace you are in',
    permission: 'workspace:read',
    params: WorkspaceParams,
    response: WorkspaceView,
    errors: [404],
    handler: async ({ params, tenant: { userId } }) => {
      const { workspace } = await parts.workspaces.read({ workspaceId: params.id, userId }, (service) => service.get());
      return viewWorkspace(workspace);
    },
  }),
  route({
    method: 'patch',
    path: '/workspaces/:id',
    id: 'changeWorkspace',
    summary: 'Rename the workspace',
    permission: 'workspace:write',
    params: WorkspaceParams,
    body: ChangeWorkspace,
    bodyLimit: 8_192,
    response: WorkspaceView,
    errors: [404],
    handler: async ({ params, body, tenant }) =>
      viewWorkspace(await parts.workspaces.run(inWorkspace(tenant, params.id), (service) => service.rename(body.name))),
  }),
  route({
    method: 'post',
    path: '/workspaces/:id/switch',
    id: 'switchWorkspace',
    summary: 'Go on in another workspace of yours, in the same session',
    permission: 'session:write',
    params: WorkspaceParams,
    body: Switch,
    bodyLimit: 8_192,
    answersSecret: true,
    response: Switched,
    errors: [404],
    handler: ({ params, body, tenant: { userId, workspaceId: from }, identity: { sessionId }, req }) => {
      if (sessionId === undefined) throw forbidden('Only the person who signed in can take the session elsewhere.');
      const to = { from, workspaceId: params.id, userId, sessionId };
      return parts.switching.switch(to, body.refreshToken, parts.clientOf(req));
    },
  }),
];
