import { IdParams, invalid, route, type Route, type Transactional } from '@atrium/service-kit';
import { AgentPage, AgentView, ChangeAgent, CreateAgent, ListAgents } from './agent.schema.ts';
import type { AgentService } from './agent.service.ts';

const tagged = <Agent extends { version: number }>(
  res: { set(name: string, value: string): unknown },
  agent: Agent,
): Agent => {
  res.set('etag', `"${agent.version}"`);
  return agent;
};

/** The version of an If-Match header (RFC 9110); undefined for none and for `*`. */
const versionIn = (header: string | undefined): number | undefined => {
  if (header === undefined || header === '*') return undefined;
  const match = /^"(\d{1,9})"$/.exec(header);
  if (!match) throw invalid('request.invalid_if_match', 'If-Match must be an ETag that this agent was returned with.');
  return Number(match[1]);
};

export const agentRoutes = (agents: Transactional<AgentService>): Route[] => [
  route({
    method: 'get',
    path: '/agents',
    id: 'listAgents',
    summary: 'List agents, oldest first',
    permission: 'agent:read',
    query: ListAgents,
    response: AgentPage,
    handler: ({ query, tenant }) => agents.read(tenant, (service) => service.list(query)),
  }),
  route({
    method: 'post',
    path: '/agents',
    id: 'createAgent',
    summary: 'Create an agent',
    permission: 'agent:write',
    status: 201,
    body: CreateAgent,
    response: AgentView,
    errors: [409],
    handler: async ({ body, tenant, res }) => tagged(res, await agents.run(tenant, (service) => service.create(body))),
  }),
  route({
    method: 'get',
    path: '/agents/:id',
    id: 'readAgent',
    summary: 'Read an agent',
    permission: 'agent:read',
    params: IdParams,
    response: AgentView,
    errors: [404],
    handler: async ({ params, tenant, res }) =>
      tagged(res, await agents.read(tenant, (service) => service.read(params.id))),
  }),
  route({
    method: 'put',
    path: '/agents/:id',
    id: 'changeAgent',
    summary: 'Change an agent; what is absent stays, If-Match guards against changes of others',
    permission: 'agent:write',
    params: IdParams,
    body: ChangeAgent,
    response: AgentView,
    errors: [404, 412],
    handler: async ({ params, body, tenant, req, res }) => {
      const version = versionIn(req.get('if-match'));
      return tagged(res, await agents.run(tenant, (service) => service.change(params.id, body, version)));
    },
  }),
  route({
    method: 'delete',
    path: '/agents/:id',
    id: 'deleteAgent',
    summary: 'Delete an agent; its conversations stay readable',
    permission: 'agent:write',
    params: IdParams,
    errors: [404],
    handler: ({ params, tenant }) => agents.run(tenant, (service) => service.remove(params.id)),
  }),
];
