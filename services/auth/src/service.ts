import { availableParallelism } from 'node:os';
import {
  createClientOf,
  createVault,
  defineService,
  newId,
  openRedis,
  transactional,
  type Unit,
} from '@atrium/service-kit';
import { createEntrance } from './accounts/entrance.ts';
import { createSignInService } from './accounts/sign-in.service.ts';
import { composeApiKeys } from './api-keys/api-key.parts.ts';
import { composeAudit } from './audit/audit.parts.ts';
import { createFallbackCounter, createMemoryCounter } from './attempts/attempt.counter.ts';
import { createAttemptLimits } from './attempts/attempt.limits.ts';
import { createRouteGuard } from './attempts/route.limits.ts';
import { createDeviceTokens } from './attempts/device.token.ts';
import { createKnownPlace } from './attempts/known.place.ts';
import { createRedisCounter } from './attempts/redis.counter.ts';
import { authRoutes } from './routes.ts';
import { rotateKeys } from './keys/key.source.ts';
import { startSigningKeys } from './keys/signing.keys.ts';
import { createMailTransport } from './mail/mail.transport.ts';
import { accountMailHandler } from './emails/account.mail.ts';
import { createMailLimits } from './emails/email.limits.ts';
import { createLateMail } from './emails/late.mail.ts';
import { createPasswordService } from './emails/password.service.ts';
import { AuthConfig } from './config.ts';
import { registrationHandler } from './registration/registration.job.ts';
import { composeErasure } from './erasure/erasure.parts.ts';
import { erasureRoutes } from './erasure/erasure.routes.ts';
import { erasureSteps } from './erasure/erasure.steps.ts';
import { erasureSubscribers } from './erasure/erasure.subscribers.ts';
import { composeGoogle } from './google/google.parts.ts';
import { createMfaChallenge } from './mfa/mfa.challenge.ts';
import { createMfaService } from './mfa/mfa.service.ts';
import { createMfaStore } from './mfa/mfa.store.ts';
import { createOnceStore } from './once/once.store.ts';
import { createPasswordHasher } from './passwords/password.hasher.ts';
import { createWorkQueue } from './passwords/work.queue.ts';
import { composePasskeys } from './passkeys/passkey.parts.ts';
import { passkeySettings } from './passkeys/passkey.settings.ts';
import { startAnnouncer } from './revocations/announcer.ts';
import { createRevocationStore } from './revocations/revocation.store.ts';
import { createRefreshCookie } from './sessions/refresh.cookie.ts';
import { createRefreshService } from './sessions/refresh.service.ts';
import { createSessionStore } from './sessions/session.store.ts';
import { createAccessTokens } from './tokens/access.token.ts';
import { createDelegationService } from './tokens/delegation.service.ts';
import { createSignInCounter } from './sign-ins/sign-in.counter.ts';
import { tables } from './tables.ts';
import { createUserStore } from './users/user.store.ts';
import { composeWorkspaces } from './workspaces/workspace.parts.ts';
import { accountsOf, emailsOf, now, revocationsOf, sessionsOf, type Means } from './units.ts';

/** A sign-in does not wait longer than this for Redis to count it. */
const COUNT_MS = 300;

/** Auth: who people are, and the tokens that say so. */
export const service = defineService({
  name: 'auth',
  schema: 'auth',
  ...tables,
  config: AuthConfig,
  compose: async ({ config, runtime, log, metrics, redis: commands }) => {
    const { PASSWORDS_AT_ONCE: running = availableParallelism(), PASSWORDS_WAITING: waiting = 4 * running } = config;
    const passwords = await createPasswordHasher(createWorkQueue({ running, waiting }));
    const queue = createWorkQueue({ running: running + waiting, waiting: 0 });
    const { ring, stop: stopKeys } = await startSigningKeys({ runtime, config, log, now });
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
    const mail = createMailTransport({
      ...{ smtpUrl, dir, from, log, now, newId },
      breaker: { failures: config.BREAKER_FAILURES, openMs: config.BREAKER_OPEN_MS },
    });
    const counter = createFallbackCounter(createRedisCounter(redis, prefix), createMemoryCounter(Date.now));
    const windowMs = config.LOGIN_WINDOW_SECONDS * 1000;
    const limits = createAttemptLimits({
      counter,
      perAccount: config.LOGIN_ATTEMPTS_PER_ACCOUNT,
      perAddress: config.LOGIN_ATTEMPTS_PER_ADDRESS,
      windowMs,
      isKnown: createKnownPlace(runtime.db),
    });
    const clientOf = createClientOf(config.TRUST_FORWARDED);
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
    const vault = createVault(config.DATA_KEYS);
    const once = createOnceStore(redis, prefix);
    const mfaOf = ({ manager }: Unit) =>
      createMfaService({
        factors: createMfaStore(manager),
        sessions: createSessionStore(manager),
        users: createUserStore(manager),
        vault,
        now,
      });
    const mfa = transactional(runtime, mfaOf);
    const challenge = createMfaChallenge({ mfa, accounts, limits, counter, once });
    const devices = createDeviceTokens(config.JWT_PRIVATE_KEY, now);
    const mailLimits = createMailLimits({
      counter,
      perAccount: config.MAILS_PER_ACCOUNT,
      perAddress: config.MAILS_PER_ADDRESS,
      windowMs,
    });
    const signIn = createSignInService({
      ...{ accounts, passwords, queue, limits, devices, tokens, challenge, now, newId },
      registration: config.REGISTRATION,
      mayMail: mailLimits.allow,
      mailAgain: createLateMail({ emails, mailLimits, log }),
    });
    const passkeys = composePasskeys({
      settings: passkeySettings({
        appUrl: config.APP_URL,
        rpId: config.PASSKEY_RP_ID,
        origins: config.PASSKEY_ORIGINS,
        corsOrigins: config.CORS_ORIGINS,
      }),
      ...{ runtime, mfaOf, challenge, signIn, limits, once, log, now },
    });
    const cookie = createRefreshCookie({ origins: config.CORS_ORIGINS, trustProxy: config.TRUST_FORWARDED, now });
    const erasure = composeErasure({
      runtime,
      sessionsOf: (unit) => sessionsOf(unit, means),
      revocationsOf: (unit) => revocationsOf(unit, means),
      vault: config.DATA_KEYS === undefined ? undefined : vault,
      ...{ ring, mail, now, log },
    });
    return {
      erasure,
      counter,
      routeGuard: createRouteGuard({
        counter,
        clientOf,
        windowMs,
        perNetwork: config.PUBLIC_CALLS_PER_ADDRESS,
        registrationsPerNetwork: config.REGISTRATIONS_PER_ADDRESS,
        registrationsPerAccount: config.REGISTRATIONS_PER_ACCOUNT,
      }),
      workspaceFeatures,
      signIns: createSignInCounter(metrics),
      ring,
      ...composeApiKeys({ runtime, accounts, tokens, now }),
      audit: composeAudit({ config, runtime, accounts, tokens, log }),
      accounts,
      sessions,
      clientOf,
      cookie,
      entrance: createEntrance(cookie),
      ...passkeys,
      ...composeGoogle({
        config,
        runtime,
        accounts,
        accountsOf: (unit) => accountsOf(unit, means),
        once,
        ring,
        tokens,
        now,
      }),
      ...{ mfa, challenge, signIn },
      refreshing: createRefreshService({ sessions, owners: createSessionStore(runtime.db.manager), tokens, log }),
      delegation: createDelegationService({ secrets: config.SERVICE_SECRETS, accounts, tokens }),
      emails,
      mail,
      mailLimits,
      passwordChanges: createPasswordService({ emails, passwords, limits }),
      revocationSource: announcer.source,
      stop: async () => {
        await stopKeys();
        await announcer.stop();
        mail.close();
        redis.disconnect();
      },
    };
  },
  routes: (features) => authRoutes(features, erasureRoutes({ ...features, ...features.erasure })),
  jobs: (features) => [
    accountMailHandler(features),
    registrationHandler(features),
    features.workspaceFeatures.invitationMail,
    ...features.erasure.jobs,
  ],
  subscribers: () => erasureSubscribers(),
  erasure: { steps: erasureSteps },
  keys: ({ ring }) => ring,
  revocations: ({ revocationSource }) => revocationSource,
  apiKeys:
    ({ keyExchange }) =>
    async (key) =>
      (await keyExchange.exchange(key)).accessToken,
  close: ({ stop }) => stop(),
  tasks: { 'keys rotate': rotateKeys },
});
