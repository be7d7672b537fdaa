import type { ErasureEffect, Logger, Vault } from '@atrium/service-kit';
import type { Integration } from '../integrations/integration.entity.ts';
import { placeOf } from '../integrations/integration.service.ts';

/** How long Google may take to answer; its answer is not waited for any longer, and the grant is deleted here anyway. */
const PATIENCE_MS = 5_000;

interface Row extends Pick<Integration, 'workspaceId' | 'userId' | 'provider' | 'subject'> {
  readonly sealedToken: Buffer;
}

/**
 * Gives grants back to Google before they are deleted (RFC 7009), as well as it can be done: a token that cannot be
 * opened, or a Google that does not answer, must not keep a person from being erased. The counts say which it was.
 */
export const grantEffect = (options: { vault: Vault; revokeUrl: string; log: Logger }): ErasureEffect => {
  const revoke = async (row: Row, signal: AbortSignal): Promise<boolean> => {
    try {
      const answer = await fetch(options.revokeUrl, {
        method: 'POST',
        body: new URLSearchParams({ token: options.vault.open(row.sealedToken, placeOf(row)) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      });
      await answer.body?.cancel();
      // 400: it was taken back before.
      return answer.ok || answer.status === 400;
    } catch (error) {
      signal.throwIfAborted();
      options.log.warn({ err: error }, 'a grant could not be given back to Google; it is deleted here');
      return false;
    }
  };
  return {
    columns: [
      ...['workspace_id as "workspaceId"', 'user_id as "userId"', 'provider', 'subject'],
      'sealed_token as "sealedToken"',
    ],
    async run(rows, _tenant, signal) {
      const done = await Promise.all(rows.map((row) => revoke(row as unknown as Row, signal)));
      const given = done.filter(Boolean).length;
      return { google_grants_revoked: given, google_grants_not_revoked: done.length - given };
    },
  };
};
