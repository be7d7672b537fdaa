import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  createAuditReader,
  defineService,
  newId,
  openRedis,
  outsideWorkspaces,
  startLoop,
  transactional,
  type Unit,
} from '@atrium/service-kit';
import { accountRoutes } from './accounts/account.routes.ts';
import { createAccountService } from './accounts/account.service.ts';
import { createSignInService } from './accounts/sign-in.service.ts';
import { ApiKeyEntity } from './api-keys/api-key.entity.ts';
import { ApiKeys1772000000001 } from './api-keys/api-key.migration.ts';
import { apiKeyRoutes } from './api-keys/api-key.routes.ts';
import { createApiKeyService } from './api-keys/api-key.service.ts';
import { createApiKeyStore } from './api-keys/api-key.store.ts';
import { createKeyExchangeService } from './api-keys/key-exchange.service.ts';
import { auditRoutes } from './audit/audit.routes.ts';
import { createFallbackCounter, createMemoryCounter } from './attempts/attempt.counter.ts';
import { createAttemptLimits } from './attempts/attempt.limits.ts';
import { createClientOf } from './attempts/client.ts';
import { createRedisCounter } from './attempts/redis.counter.ts';
import { AuthConfig } from './config.ts';
import { Audit1772000000000 } from './audit/audit.migration.ts';
import { SigningKeys1772000000002 } from './keys/key.migration.ts';
import { createKeyService } from './keys/key.service.ts';
import { keySealOf, newSigningKey, rotateKeys } from './keys/key.source.ts';
import { createKeyStore } from './keys/key.store.ts';
import { Accounts1763700000000 } from './migrations/accounts.migration.ts';
import { createPasswordHasher } from './passwords/password.hasher.ts';
import { createWorkQueue } from './passwords/work.queue.ts';
import { createRefreshService } from './sessions/refresh.service.ts';
import { RefreshTokenEntity, SessionEntity } from './sessions/session.entity.ts';
import { sessionRoutes } from './sessions/session.routes.ts';
import { createSessionService } from './sessions/session.service.ts';
import { createSessionStore } from './sessions/session.store.ts';
import { createAccessTokens } from './tokens/access.token.ts';
import { createDelegationService } from './tokens/delegation.service.ts';
import { createKeyRing } from './tokens/key.ring.ts';
import { tokenRoutes } from './tokens/token.routes.ts';
import { UserEntity } from './users/user.entity.ts';
import { createUserStore } from './users/user.store.ts';
import { MemberEntity, WorkspaceEntity } from './workspaces/workspace.entity.ts';
import { createWorkspaceStore } from './workspaces/workspace.store.ts';

/** Within this time every auth has a new signing key. */
const REREAD_KEYS_MS = 2_000;
/** A sign-in does not wait longer than this for Redis to count it. */
const COUNT_MS = 300;

const now = (): Date => new Date();

const sessionsOf = ({ manager, tenant }: Unit) =>
  createSessionService({
    sessions: createSessionStore(manager),
    users: createUserStore(manager),
    workspaces: createWorkspaceStore(manager, tenant),
    now,
    newId,
  });

const accountsOf = (unit: Unit) =>
  createAccountService({
    users: createUserStore(unit.manager),
    workspaces: createWorkspaceStore(unit.manager, unit.tenant),
    sessions: sessionsOf(unit),
    outbox: unit.outbox,
    now,
  });

const apiKeysOf = ({ manager, tenant }: Unit) =>
  createApiKeyService({ keys: createApiKeyStore(manager, tenant), now, newId, random: randomBytes });

/** Auth: who people are, and the tokens that say so. */
export const service = defineService({
  name: 'auth',
  schema: 'auth',
  shared: ['users', 'sessions', 'refresh_tokens', 'signing_keys'],
  config: AuthConfig,
  entities: [UserEntity, WorkspaceEntity, MemberEntity, SessionEntity, RefreshTokenEntity, ApiKeyEntity],
  migrations: [Accounts1763700000000, Audit1772000000000, ApiKeys1772000000001, SigningKeys1772000000002],
  compose: async ({ config, runtime, log }) => {
    const cores = availableParallelism();
    const passwords = await createPasswordHasher(createWorkQueue({ running: cores, waiting: 4 * cores }));
    const signingKeys = transactional(runtime, ({ manager }: Unit) =>
      createKeyService({ keys: createKeyStore(manager, keySealOf(config)), now, generate: newSigningKey }),
    );
    const [seeding, reading] = [
      outsideWorkspaces(),
      () => signingKeys.read(outsideWorkspaces(), (keys) => keys.list()),
    ];
    await signingKeys.run(seeding, (keys) => keys.seed(config.JWT_PRIVATE_KEY));
    const ring = createKeyRing(await reading(), now);
    const rereading = startLoop({
      name: 'signing keys',
      intervalMs: REREAD_KEYS_MS,
      log,
      step: async () => (ring.replace(await reading()), false),
    });
    const tokens = createAccessTokens(ring, now);
    const [accounts, sessions] = [transactional(runtime, accountsOf), transactional(runtime, sessionsOf)];
    const apiKeys = transactional(runtime, apiKeysOf);
    const redis = openRedis(config.REDIS_URL, { log, name: 'auth:attempts', timeoutMs: COUNT_MS });
    const limits = createAttemptLimits({
      counter: createFallbackCounter(createRedisCounter(redis, config.QUEUE_PREFIX), createMemoryCounter(Date.now)),
      perAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
      perAddress: config.LOGIN_ATTEMPTS_PER_ADDRESS,
      windowMs: config.LOGIN_WINDOW_SECONDS * 1000,
    });
    return {
      ring,
      now,
      apiKeys,
      keyExchange: createKeyExchangeService({ apiKeys, accounts, tokens }),
      audit: transactional(runtime, ({ manager, tenant }) => createAuditReader(manager, tenant)),
      accounts,
      sessions,
      clientOf: createClientOf(config.TRUST_PROXY),
      signIn: createSignInService({ accounts, passwords, limits, tokens, newId }),
      refreshing: createRefreshService({ sessions, tokens, log }),
      delegation: createDelegationService({ secrets: config.SERVICE_SECRETS, accounts, tokens }),
      disconnect: async () => {
        await rereading.stop();
        redis.disconnect();
      },
    };
  },
  routes: (features) => [
    ...accountRoutes(features),
    ...sessionRoutes(features),
    ...tokenRoutes(features),
    ...auditRoutes(features),
    ...apiKeyRoutes(features),
  ],
  keys: ({ ring }) => ring,
  apiKeys:
    ({ keyExchange }) =>
    async (key) =>
      (await keyExchange.exchange(key)).accessToken,
  audit: ({ clientOf }) => clientOf,
  close: async ({ disconnect }) => disconnect(),
  tasks: { 'keys rotate': rotateKeys },
});
