import { DomainError, outsideWorkspaces, PageQuery, route, toPage, type Transactional } from '@atrium/service-kit';
import { inWorkspace } from '../members/member.routes.ts';
import { WorkspaceParams } from '../members/member.schema.ts';
import { placeOf } from '../workspaces/place.ts';
import { MembershipView, viewMembership } from '../workspaces/workspace.schema.ts';
import {
  AcceptInvitation,
  InvitationPage,
  InvitationParams,
  Invite,
  NewInvitation,
  viewInvitation,
} from './invitation.schema.ts';
import type { InvitationService } from './invitation.service.ts';

/** Asking people in, and coming in. */
export const invitationRoutes = ({
  invitations,
  now,
}: {
  invitations: Transactional<InvitationService>;
  now: () => Date;
}) => [
  route({
    method: 'post',
    path: '/workspaces/:id/invitations',
    id: 'inviteMember',
    summary: 'Ask somebody into the workspace',
    permission: 'invitation:write',
    status: 201,
    params: WorkspaceParams,
    body: Invite,
    bodyLimit: 8_192,
    answersSecret: true,
    response: NewInvitation,
    errors: [404, 409],
    handler: async ({ params, body, tenant }) => {
      const { invitation, token } = await invitations.run(inWorkspace(tenant, params.id), (service) =>
        service.invite(body.email, body.role),
      );
      return { ...viewInvitation(now())(invitation), token };
    },
  }),
  route({
    method: 'get',
    path: '/workspaces/:id/invitations',
    id: 'listInvitations',
    summary: 'The invitations of the workspace, the latest first',
    permission: 'invitation:read',
    params: WorkspaceParams,
    query: PageQuery,
    response: InvitationPage,
    errors: [404],
    handler: async ({ params, query: { limit, cursor }, tenant }) => {
      const after = placeOf(cursor);
      const rows = await invitations.read(inWorkspace(tenant, params.id), (service) => service.list(limit, after));
      return toPage(rows, limit, ({ at, id }) => ({ at, id }), viewInvitation(now()));
    },
  }),
  route({
    method: 'delete',
    path: '/workspaces/:id/invitations/:invitationId',
    id: 'revokeInvitation',
    summary: 'Take an invitation back',
    permission: 'invitation:write',
    params: InvitationParams,
    errors: [404, 409],
    handler: ({ params, tenant }) =>
      invitations.run(inWorkspace(tenant, params.id), (service) => service.revoke(params.invitationId)),
  }),
  route({
    method: 'post',
    path: '/invitations/accept',
    id: 'acceptInvitation',
    summary: 'Come into the workspace that an invitation is for',
    permission: 'membership:write',
    body: AcceptInvitation,
    bodyLimit: 8_192,
    response: MembershipView,
    errors: [404, 409],
    handler: async ({ body, tenant: { userId } }) => {
      const found = await invitations.read(outsideWorkspaces(userId), (service) => service.find(body.token));
      // The same for a token that was never issued and for one that is for another address.
      if (!found) throw new DomainError('invitation.not_found', 404, 'There is no such invitation for your address.');
      return invitations.run({ workspaceId: found.workspaceId, userId }, async (service) =>
        viewMembership(await service.accept(found.id)),
      );
    },
  }),
];
