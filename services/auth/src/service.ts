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
import { Accounts1763700000000 } from './migrations/accounts.migration.ts';
import { Workspaces1771000000000 } from './migrations/workspaces.migration.ts';
import { PreferenceEntity, ProfileEntity } from './profiles/profile.entity.ts';
import { createMailTransport } from './mail/mail.transport.ts';
import { accountMailHandler } from './emails/account.mail.ts';
import { createMailLimits } from './emails/email.limits.ts';
import { emailRoutes } from './emails/email.routes.ts';
import { createEmailService } from './emails/email.service.ts';
import { createEmailTokenStore } from './emails/email.token.store.ts';
import { createPasswordService } from './emails/password.service.ts';
import { Emails1770000001000 } from './migrations/emails.migration.ts';
import { Sessions1770000000000 } from './migrations/sessions.migration.ts';
import { createPasswordHasher } from './passwords/password.hasher.ts';
import { createWorkQueue } from './passwords/work.queue.ts';
import { startAnnouncer, type Announcer } from './revocations/announcer.ts';
import { revocationRoutes } from './revocations/revocation.routes.ts';
import { createRevocations } from './revocations/revocation.service.ts';
import { createRevocationStore } from './revocations/revocation.store.ts';
import { createRefreshCookie } from './sessions/refresh.cookie.ts';
import { createRefreshService } from './sessions/refresh.service.ts';
import { RefreshTokenEntity, SessionEntity } from './sessions/session.entity.ts';
import type { SessionLimits } from './sessions/session.limits.ts';
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

/** What transactions need beyond their unit. */
interface Means {
  readonly announce: Announcer['announce'];
  readonly sessionLimits: SessionLimits;
}

const revocationsOf = ({ manager, afterCommit }: Unit, { announce }: Means) =>
  createRevocations({ manager, afterCommit, announce, now, newId });

const sessionsOf = (unit: Unit, means: Means) =>
  createSessionService({
    sessions: createSessionStore(unit.manager),
    users: createUserStore(unit.manager),
    workspaces: createWorkspaceStore(unit.manager, unit.tenant),
    revocations: revocationsOf(unit, means),
    outbox: unit.outbox,
    limits: means.sessionLimits,
    now,
    newId,
  });

const accountsOf = (unit: Unit, means: Means) =>
  createAccountService({
    users: createUserStore(unit.manager),
    workspaces: createWorkspaceStore(unit.manager, unit.tenant),
    sessions: sessionsOf(unit, means),
    outbox: unit.outbox,
    jobs: unit.jobs,
    now,
  });

const emailsOf = (unit: Unit, means: Means, appUrl: string) =>
  createEmailService({
    users: createUserStore(unit.manager),
    tokens: createEmailTokenStore(unit.manager),
    sessions: sessionsOf(unit, means),
    outbox: unit.outbox,
    jobs: unit.jobs,
    appUrl,
    now,
  });

/** Auth: who people are, and the tokens that say so. */
export const service = defineService({
  name: 'auth',
  schema: 'auth',
  shared: ['users', 'sessions', 'refresh_tokens', 'revocations', 'email_tokens', 'profiles', 'preferences'],
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
  migrations: [Accounts1763700000000, Sessions1770000000000, Emails1770000001000, Workspaces1771000000000],
  compose: async ({ config, runtime, log, redis: commands }) => {
    const cores = availableParallelism();
    const passwords = await createPasswordHasher(createWorkQueue({ running: cores, waiting: 4 * cores }));
    const ring = createKeyRing(config.JWT_PRIVATE_KEY);
    const tokens = createAccessTokens(ring, now);
    const prefix = config.QUEUE_PREFIX;
    const announcer = startAnnouncer({ store: createRevocationStore(runtime.db), redis: commands, prefix, log, now });
    const means: Means = {
      announce: announcer.announce,
      sessionLimits: {
        maxAgeMs: config.SESSION_MAX_AGE_SECONDS * 1000,
        idleMs: config.SESSION_IDLE_SECONDS * 1000,
        perUser: config.SESSIONS_PER_USER,
      },
    };
    const accounts = transactional(runtime, (unit) => accountsOf(unit, means));
    const sessions = transactional(runtime, (unit) => sessionsOf(unit, means));
    const redis = openRedis(config.REDIS_URL, { log, name: 'auth:attempts', timeoutMs: COUNT_MS });
    const emails = transactional(runtime, (unit) => emailsOf(unit, means, config.APP_URL));
    const { SMTP_URL: smtpUrl, MAIL_DIR: dir, MAIL_FROM: from } = config;
    const mail = createMailTransport({ smtpUrl, dir, from, log, now, newId });
    const counter = createFallbackCounter(createRedisCounter(redis, prefix), createMemoryCounter(Date.now));
    const windowMs = config.LOGIN_WINDOW_SECONDS * 1000;
    const limits = createAttemptLimits({
      counter,
      perAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
      perAddress: config.LOGIN_ATTEMPTS_PER_ADDRESS,
      windowMs,
    });
    const clientOf = createClientOf(config.TRUST_PROXY);
    const workspaceFeatures = composeWorkspaces({
      runtime,
      tokens,
      accountsOf: (unit) => accountsOf(unit, means),
      sessionsOf: (unit) => sessionsOf(unit, means),
      revocationsOf: (unit) => revocationsOf(unit, means),
      mail,
      appUrl: config.APP_URL,
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
      cookie: createRefreshCookie({ origins: config.CORS_ORIGINS, trustProxy: config.TRUST_PROXY, now }),
      signIn: createSignInService({ accounts, passwords, limits, tokens, newId }),
      refreshing: createRefreshService({ sessions, tokens, log }),
      delegation: createDelegationService({ secrets: config.SERVICE_SECRETS, accounts, tokens }),
      emails,
      mail,
      mailLimits: createMailLimits({
        counter,
        perAccount: config.MAILS_PER_ACCOUNT,
        perAddress: config.MAILS_PER_ADDRESS,
        windowMs,
      }),
      passwordChanges: createPasswordService({ emails, passwords, limits }),
      revocationSource: announcer.source,
      stop: async () => {
        await announcer.stop();
        mail.close();
        redis.disconnect();
      },
    };
  },
  routes: (features) => [
    ...accountRoutes(features),
    ...sessionRoutes(features),
    ...tokenRoutes(features),
    ...workspaceFeatureRoutes(features.workspaceFeatures),
    ...revocationRoutes(features),
    ...emailRoutes(features),
  ],
  jobs: (features) => [accountMailHandler(features), features.workspaceFeatures.invitationMail],
  keys: ({ ring }) => ring,
  revocations: ({ revocationSource }) => revocationSource,
  close: ({ stop }) => stop(),
});
