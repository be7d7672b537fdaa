import type { RevocationWatch } from './revocation.watch.ts';
import { tokenOf, tokenRevoked } from './revocation.watch.ts';
import type { Identity } from './token.ts';

/**
 * A signal for work that outlasts its request's check, such as a stream: aborted with `token.revoked` once the token
 * is no longer good.
 * @param done gives the listening up; without it the watch would remember every request
 */
export const revocationSignal = (
  watch: Pick<RevocationWatch, 'isRevoked' | 'onNews'>,
  identity: Pick<Identity, 'tenant' | 'sessionId' | 'issuedAt'>,
): { readonly signal: AbortSignal; done(): void } => {
  const ended = new AbortController();
  const token = tokenOf(identity);
  const look = (): void => {
    if (!ended.signal.aborted && watch.isRevoked(token)) ended.abort(tokenRevoked());
  };
  const done = watch.onNews(look);
  // It may have come since the request was let in.
  look();
  return { signal: ended.signal, done };
};
