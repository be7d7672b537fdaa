import { availableParallelism } from 'node:os';
import { defineService, newId, openRedis, transactional, type Unit } from '@atrium/service-kit';
import { accountRoutes } from './accounts/account.routes.ts';
import { createAccountService } from './accounts/account.service.ts';
import { createSignInService } from './accounts/sign-in.service.ts';
import { createFallbackCounter, createMemoryCounter } from './attempts/attempt.counter.ts';
import { createAttemptLimits } from './attempts/attempt.limits.ts';
import { createClientOf } from './attempts/client.ts';
import { createRedisCounter } from './attempts/redis.counter.ts';
import { AuthConfig } from './config.ts';
import { InvitationEntity } from './invitations/invitation.entity.ts';
import type { Mailer } from './mail/mailer.ts';
import type { UserRevocations } from './members/member.service.ts';
import { Accounts1763700000000 } from './migrations/accounts.migration.ts';
import { Workspaces1771000000000 } from './migrations/workspaces.migration.ts';
import { createPasswordHasher } from './passwords/password.hasher.ts';
import { createWorkQueue } from './passwords/work.queue.ts';
import { PreferenceEntity, ProfileEntity } from './profiles/profile.entity.ts';
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
import { composeWorkspaces, workspaceFeatureRoutes } from './workspaces/workspace.parts.ts';
import { createWorkspaceStore } from './workspaces/workspace.store.ts';

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

/** Rights are read anew at each refresh; access tokens that are out are not recalled yet. */
const recallAtRefresh = (): UserRevocations => ({ user: async () => undefined });
/** The inviter passes the token on by themselves; no mail is sent yet. */
const passedOnByInviter = (): Mailer => ({ queue: async () => undefined });

/** Auth: who people are, and the tokens that say so. */
export const service = defineService({
  name: 'auth',
  schema: 'auth',
  shared: ['users', 'sessions', 'refresh_tokens', 'profiles', 'preferences'],
  config: AuthConfig,
  entities: [
    UserEntity,
    WorkspaceEntity,
    MemberEntity,
    SessionEntity,
    RefreshTokenEntity,
    InvitationEntity,
    ProfileEntity,
    PreferenceEntity,
  ],
  migrations: [Accounts1763700000000, Workspaces1771000000000],
  compose: async ({ config, runtime, log }) => {
    const cores = availableParallelism();
    const passwords = await createPasswordHasher(createWorkQueue({ running: cores, waiting: 4 * cores }));
    const ring = createKeyRing(config.JWT_PRIVATE_KEY);
    const tokens = createAccessTokens(ring, now);
    const [accounts, sessions] = [transactional(runtime, accountsOf), transactional(runtime, sessionsOf)];
    const redis = openRedis(config.REDIS_URL, { log, name: 'auth:attempts', timeoutMs: COUNT_MS });
    const limits = createAttemptLimits({
      counter: createFallbackCounter(createRedisCounter(redis, config.QUEUE_PREFIX), createMemoryCounter(Date.now)),
      perAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
      perAddress: config.LOGIN_ATTEMPTS_PER_ADDRESS,
      windowMs: config.LOGIN_WINDOW_SECONDS * 1000,
    });
    const clientOf = createClientOf(config.TRUST_PROXY);
    const workspaceFeatures = composeWorkspaces({
      runtime,
      tokens,
      accountsOf,
      sessionsOf,
      revocationsOf: recallAtRefresh,
      mailerOf: passedOnByInviter,
      clientOf,
      now,
      mostOwned: config.WORKSPACES_PER_OWNER,
      invitationDays: config.INVITATION_DAYS,
    });
    return {
      workspaceFeatures,
      ring,
      accounts,
      sessions,
      clientOf,
      signIn: createSignInService({ accounts, passwords, limits, tokens, newId }),
      refreshing: createRefreshService({ sessions, tokens, log }),
      delegation: createDelegationService({ secrets: config.SERVICE_SECRETS, accounts, tokens }),
      disconnect: () => redis.disconnect(),
    };
  },
  routes: (features) => [
    ...accountRoutes(features),
    ...sessionRoutes(features),
    ...tokenRoutes(features),
    ...workspaceFeatureRoutes(features.workspaceFeatures),
  ],
  keys: ({ ring }) => ring,
  close: async ({ disconnect }) => disconnect(),
});
