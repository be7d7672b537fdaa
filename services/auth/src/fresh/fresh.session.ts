import { DomainError } from '@atrium/service-kit';

/** Milliseconds after proving who they are in which a person may do dangerous things. */
export const FRESH_MS = 10 * 60_000;

/** When the person behind a session proved who they are: signing in, and every proof since. Refreshing proves nothing. */
export interface Proofs {
  readonly signedInAt: Date;
  readonly provenAt: Date | null;
}

/** Whether the last proof is recent enough; pure. A proof from the future is none. */
export const isFresh = ({ signedInAt, provenAt }: Proofs, now: Date, freshMs = FRESH_MS): boolean =>
  [signedInAt, provenAt].some((at) => {
    const age = at === null ? -1 : now.getTime() - at.getTime();
    return age >= 0 && age <= freshMs;
  });

/** @throws DomainError 403 `auth.reauthentication_needed` */
export const requireFresh = (proofs: Proofs, now: Date): void => {
  if (isFresh(proofs, now)) return;
  throw new DomainError(
    'auth.reauthentication_needed',
    403,
    'This needs a recent proof that it is you. Use /auth/reauthenticate or /auth/passkeys/reauthenticate, then try again.',
  );
};
