import { ApiKeyExchange, exchangeApiKey } from '@atrium/contracts';
import { decodeCursor, IdParams, pageOf, PageQuery, route, toPage, type Transactional } from '@atrium/service-kit';
import { ApiKeyView, CreatedApiKey, NewApiKey, RotateApiKey, viewApiKey } from './api-key.schema.ts';
import type { ApiKeyService } from './api-key.service.ts';
import type { KeyExchangeService } from './key-exchange.service.ts';

type Made = Awaited<ReturnType<ApiKeyService['create']>>;

/** Keys for programs. */
export const apiKeyRoutes = (parts: {
  apiKeys: Transactional<ApiKeyService>;
  keyExchange: KeyExchangeService;
  now: () => Date;
}) => {
  const { apiKeys, keyExchange, now } = parts;
  const viewMade = ({ stored, key }: Made) => ({ ...viewApiKey(stored, now()), key });
  return [
    route({
      method: 'get',
      path: '/api-keys',
      id: 'listApiKeys',
      summary: 'API keys of the caller; for admins, of everybody in the workspace',
      permission: 'api-key:read',
      query: PageQuery,
      response: pageOf(ApiKeyView),
      handler: async ({ query: { limit, cursor }, tenant }) => {
        const after = decodeCursor(cursor);
        const rows = await apiKeys.read(tenant, (keys) => keys.list(tenant, after, limit + 1));
        const placeOf = ({ createdAt, id }: (typeof rows)[number]) => ({ at: createdAt.toISOString(), id });
        return toPage(rows, limit, placeOf, (key) => viewApiKey(key, now()));
      },
    }),
    route({
      method: 'post',
      path: '/api-keys',
      id: 'createApiKey',
      summary: 'Make an API key; this answer alone shows it',
      permission: 'api-key:write',
      answersSecret: true,
      status: 201,
      body: NewApiKey,
      bodyLimit: 8_192,
      response: CreatedApiKey,
      errors: [409],
      handler: async ({ body, tenant }) => viewMade(await apiKeys.run(tenant, (keys) => keys.create(tenant, body))),
    }),
    route({
      method: 'delete',
      path: '/api-keys/:id',
      id: 'revokeApiKey',
      summary: 'End an API key; it stops working within 30 seconds everywhere',
      permission: 'api-key:write',
      params: IdParams,
      errors: [404],
      handler: ({ params, tenant }) => apiKeys.run(tenant, (keys) => keys.revoke(tenant, params.id)),
    }),
    route({
      method: 'post',
      path: '/api-keys/:id/rotate',
      id: 'rotateApiKey',
      summary: 'Make the successor of an API key; the old one works for a while yet',
      permission: 'api-key:write',
      answersSecret: true,
      status: 201,
      params: IdParams,
      body: RotateApiKey,
      bodyLimit: 8_192,
      response: CreatedApiKey,
      errors: [404, 409],
      handler: async ({ body, params, tenant }) =>
        viewMade(await apiKeys.run(tenant, (keys) => keys.rotate(tenant, params.id, body.overlapSeconds))),
    }),
    route({
      method: 'post',
      path: '/api-keys/exchange',
      surface: 'internal',
      id: 'exchangeApiKey',
      summary: 'Trade an API key for a short access token',
      permission: 'public',
      body: ApiKeyExchange,
      bodyLimit: 2_048,
      response: exchangeApiKey.response,
      errors: [401],
      handler: ({ body }) => keyExchange.exchange(body.key),
    }),
  ];
};
