import { DomainError, unauthenticated } from '@atrium/service-kit';
import type { Purpose } from './passkey.challenges.ts';

/** A new passkey that does not hold is a bad request; one that should have let somebody in is no proof. */
const refusal = (purpose: Purpose, code: string, detail: string): DomainError =>
  purpose === 'register' ? new DomainError(code, 400, detail) : unauthenticated(code, detail);

/** One answer for an unknown passkey, a foreign one, and every other reason: nothing to learn from. */
export const passkeyRefused = (purpose: Purpose): DomainError =>
  refusal(purpose, 'passkey.refused', 'The passkey was not accepted. Begin again.');

export const challengeUnknown = (purpose: Purpose): DomainError =>
  refusal(
    purpose,
    'passkey.challenge_unknown',
    'The challenge took too long, was answered before, or was never given to you. Begin again.',
  );

export const passkeysNotConfigured = (): DomainError =>
  new DomainError(
    'passkey.not_configured',
    503,
    'Passkeys need a domain and https, or localhost. Set APP_URL, or PASSKEY_RP_ID and PASSKEY_ORIGINS.',
  );
