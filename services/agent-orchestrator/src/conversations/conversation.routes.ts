import { IdParams, route, type EntitlementSource, type Route, type Transactional } from '@atrium/service-kit';
import {
  ChangeStatus,
  ConversationPage,
  ConversationView,
  CreateConversation,
  ListConversations,
  ListMessages,
  MessageAccepted,
  MessagePage,
  SendMessage,
} from './conversation.schema.ts';
import type { ConversationService } from './conversation.service.ts';

/** @param entitlements what plans allow; asked before the transaction */
export const conversationRoutes = (
  conversations: Transactional<ConversationService>,
  entitlements: EntitlementSource,
): Route[] => [
  route({
    method: 'get',
    path: '/conversations',
    id: 'listConversations',
    summary: 'List conversations, those with the newest message first',
    permission: 'conversation:read',
    query: ListConversations,
    response: ConversationPage,
    handler: ({ query, tenant }) => conversations.read(tenant, (service) => service.list(query)),
  }),
  route({
    method: 'post',
    path: '/conversations',
    id: 'createConversation',
    summary: 'Begin a conversation with an agent',
    permission: 'conversation:write',
    status: 201,
    body: CreateConversation,
    response: ConversationView,
    errors: [404],
    handler: ({ body, tenant }) => conversations.run(tenant, (service) => service.create(body, tenant.userId)),
  }),
  route({
    method: 'get',
    path: '/conversations/:id',
    id: 'readConversation',
    summary: 'Read a conversation',
    permission: 'conversation:read',
    params: IdParams,
    response: ConversationView,
    errors: [404],
    handler: ({ params, tenant }) => conversations.read(tenant, (service) => service.read(params.id)),
  }),
  route({
    method: 'get',
    path: '/conversations/:id/messages',
    id: 'listMessages',
    summary: 'List the messages of a conversation',
    permission: 'conversation:read',
    params: IdParams,
    query: ListMessages,
    response: MessagePage,
    errors: [404],
    handler: ({ params, query, tenant }) => conversations.read(tenant, (service) => service.messages(params.id, query)),
  }),
  route({
    method: 'post',
    path: '/conversations/:id/messages',
    id: 'sendMessage',
    summary: 'Send a message; the answer is the run, whose events stream at /runs/{id}/events',
    permission: 'conversation:write',
    status: 202,
    params: IdParams,
    body: SendMessage,
    response: MessageAccepted,
    errors: [404, 409],
    handler: async ({ params, body, tenant, identity }) => {
      const allowed = await entitlements.of(tenant);
      return conversations.run(tenant, (service) =>
        service.send(params.id, body, { userId: tenant.userId, apiKeyId: identity.keyId, allowed }),
      );
    },
  }),
  route({
    method: 'patch',
    path: '/conversations/:id/status',
    id: 'changeConversationStatus',
    summary: 'Change the status of a conversation and who looks after it',
    permission: 'conversation:write',
    params: IdParams,
    body: ChangeStatus,
    response: ConversationView,
    errors: [404],
    handler: ({ params, body, tenant }) =>
      conversations.run(tenant, (service) => service.changeStatus(params.id, body)),
  }),
];
