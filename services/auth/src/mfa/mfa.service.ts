import { randomBytes } from 'node:crypto';
import { conflict, type DomainError, forbidden, noteAudit, unauthenticated, type Vault } from '@atrium/service-kit';
import { requireFresh } from '../fresh/fresh.session.ts';
import type { SessionStore } from '../sessions/session.store.ts';
import type { UserStore } from '../users/user.store.ts';
import type { MfaStore } from './mfa.store.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery.code.ts';
import { acceptCode, otpauthUrl, toBase32 } from './totp.ts';

const SECRET_BYTES = 20;
const placeOf = (userId: string): string => `totp_factors:${userId}`;

/** A code from the app, or a recovery code. */
export type FactorProof = { readonly code: string } | { readonly recoveryCode: string };

export const wrongCode = (): DomainError =>
  unauthenticated('auth.mfa_code_wrong', 'The code is not right, is too old, or was used before.');

/** The rules of second factors and fresh sessions, inside one transaction. */
export const createMfaService = (parts: {
  factors: MfaStore;
  sessions: SessionStore;
  users: UserStore;
  vault: Vault;
  now: () => Date;
}) => {
  const { factors, sessions, users, vault, now } = parts;

  /** @returns whether the code was right; it is spent then */
  const spend = async (userId: string, code: string, confirmed: boolean): Promise<boolean> => {
    const factor = await factors.lock(userId);
    if (!factor || (factor.confirmedAt !== null) !== confirmed) return false;
    const secret = Buffer.from(vault.open(factor.sealedSecret, placeOf(userId)), 'base64');
    const step = acceptCode(secret, code, now(), Number(factor.lastStep));
    if (step === undefined) return false;
    await factors.update(userId, { lastStep: String(step), confirmedAt: factor.confirmedAt ?? now() });
    return true;
  };

  const renewCodes = async (userId: string): Promise<string[]> => {
    const codes = newRecoveryCodes(randomBytes);
    await factors.replaceCodes(userId, codes.map(hashRecoveryCode));
    return codes;
  };

  /** The open session of a person. @throws DomainError 401, or 403 for a service acting for them */
  const ownSession = async (userId: string, sessionId: string | undefined) => {
    if (sessionId === undefined) throw forbidden('Only the person who signed in can do this.');
    const session = await sessions.find(sessionId);
    if (!session || session.userId !== userId || session.revokedAt)
      throw unauthenticated('auth.session_ended', 'The session has ended. Sign in again.');
    return session;
  };

  return {
    ownSession,
    /** @throws DomainError 403 `auth.reauthentication_needed` */
    async requireFresh(userId: string, sessionId: string | undefined): Promise<void> {
      const { id, createdAt } = await ownSession(userId, sessionId);
      requireFresh({ signedInAt: createdAt, provenAt: await factors.findProof(id) }, now());
    },
    prove: (sessionId: string) => factors.prove(sessionId, now()),

    async isEnabled(userId: string): Promise<boolean> {
      return (await factors.find(userId))?.confirmedAt instanceof Date;
    },
    async status(userId: string) {
      const factor = await factors.find(userId);
      return { totp: factor?.confirmedAt instanceof Date, recoveryCodesLeft: await factors.countCodes(userId) };
    },

    /** Begins enrolling; one that was never confirmed is replaced. @throws DomainError 409 `auth.mfa_enabled` */
    async enrol(userId: string) {
      const [user, known] = [await users.find(userId), await factors.lock(userId)];
      if (!user) throw unauthenticated();
      if (known?.confirmedAt)
        throw conflict('auth.mfa_enabled', 'There is an authenticator already. Disable it first.');
      const secret = randomBytes(SECRET_BYTES);
      const sealedSecret = vault.seal(secret.toString('base64'), placeOf(userId));
      await factors.save({ userId, sealedSecret, lastStep: '0', confirmedAt: null, createdAt: now() });
      return { secret: toBase32(secret), url: otpauthUrl(secret, user.email) };
    },

    /** Turns the factor on. @returns the recovery codes, shown this once; undefined when the code was wrong */
    async confirm(userId: string, code: string): Promise<string[] | undefined> {
      if (await spend(userId, code, false)) return renewCodes(userId);
      noteAudit({ outcome: 'denied', code: 'auth.mfa_code_wrong' });
      return undefined;
    },

    /** @throws DomainError 409 `auth.mfa_disabled` */
    async renewCodes(userId: string): Promise<string[]> {
      if (!(await factors.lock(userId))?.confirmedAt)
        throw conflict('auth.mfa_disabled', 'There is no second factor to recover from.');
      return renewCodes(userId);
    },

    check: (userId: string, proof: FactorProof): Promise<boolean> =>
      'code' in proof
        ? spend(userId, proof.code, true)
        : factors.useCode(userId, hashRecoveryCode(proof.recoveryCode), now()),

    disable: (userId: string) => factors.remove(userId),
  };
};
export type MfaService = ReturnType<typeof createMfaService>;
