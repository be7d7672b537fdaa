import {
  createTokenVerifier,
  newId,
  transactional,
  type DataRuntime,
  type Transactional,
  type Unit,
} from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import { googleSettings, type AuthConfig } from '../config.ts';
import type { OnceStore } from '../once/once.store.ts';
import { createHostCookie } from '../sessions/host.cookie.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import type { KeyRing } from '../tokens/key.ring.ts';
import { createCalendarGrants } from './calendar.grants.ts';
import { returnAddress } from './google.return.ts';
import { CALENDAR_SCOPE } from './google.routes.ts';
import { createGoogleService } from './google.service.ts';
import { createGoogleStates } from './google.state.ts';
import { createIdentityStore } from './identity.store.ts';

/** What signing in with Google takes, beyond what every sign-in does. */
export const composeGoogle = (parts: {
  config: AuthConfig;
  runtime: DataRuntime;
  accounts: Transactional<AccountService>;
  accountsOf: (unit: Unit) => AccountService;
  once: OnceStore;
  ring: KeyRing;
  tokens: AccessTokens;
  now: () => Date;
}) => {
  const { config, runtime, accounts, accountsOf, once, ring, tokens, now } = parts;
  const settings = googleSettings(config);
  const units = transactional(runtime, (unit) => ({
    accounts: accountsOf(unit),
    identities: createIdentityStore(unit.manager),
  }));
  return {
    settings,
    states: createGoogleStates(once, settings?.callbackUrl.startsWith('https:') ?? true),
    google: createGoogleService({ units, registration: config.REGISTRATION, now, newId }),
    grants: createCalendarGrants({ calendarUrl: config.CALENDAR_URL, scope: CALENDAR_SCOPE, accounts, tokens }),
    mfaCookie: createHostCookie('__Host-atrium_mfa'),
    returnTo: (asked: string) => returnAddress(asked, config.APP_URL, config.CORS_ORIGINS),
    verify: createTokenVerifier(ring),
  };
};
