import { newId, transactional, type DataRuntime, type Logger, type Unit } from '@atrium/service-kit';
import type { SignInService } from '../accounts/sign-in.service.ts';
import type { AttemptLimits } from '../attempts/attempt.limits.ts';
import type { MfaChallenge } from '../mfa/mfa.challenge.ts';
import type { MfaService } from '../mfa/mfa.service.ts';
import type { OnceStore } from '../once/once.store.ts';
import { createUserStore } from '../users/user.store.ts';
import { createPasskeyCeremony } from './passkey.ceremony.ts';
import { createPasskeyChallenges } from './passkey.challenges.ts';
import { createPasskeyFlow } from './passkey.flow.ts';
import { createPasskeyService } from './passkey.service.ts';
import type { PasskeySettings } from './passkey.settings.ts';
import { createPasskeyStore } from './passkey.store.ts';

/** Passkeys, built from the unit of each transaction. */
export const composePasskeys = (parts: {
  runtime: DataRuntime;
  settings: PasskeySettings | undefined;
  mfaOf: (unit: Unit) => MfaService;
  challenge: MfaChallenge;
  signIn: SignInService;
  limits: AttemptLimits;
  once: OnceStore;
  log: Logger;
  now: () => Date;
}) => {
  const { mfaOf, challenge, signIn, limits, log, now } = parts;
  const units = transactional(parts.runtime, (unit) => ({
    passkeys: createPasskeyService({
      passkeys: createPasskeyStore(unit.manager),
      outbox: unit.outbox,
      now,
      newId,
    }),
    mfa: mfaOf(unit),
    users: createUserStore(unit.manager),
  }));
  const ceremony = createPasskeyCeremony(parts.settings, log);
  const challenges = createPasskeyChallenges(parts.once);
  return { units, flow: createPasskeyFlow({ units, ceremony, challenges, challenge, signIn, limits, log }) };
};
