import { createHash } from 'node:crypto';
import { DomainError, type Client } from '@atrium/service-kit';
import type { AttemptCounter } from '../attempts/attempt.counter.ts';
import { networkOf } from '../attempts/network.ts';

/** Limits the mails that anybody can have sent to an address. */
export interface MailLimits {
  /**
   * @returns whether one more may be sent there; the answer to the client must not tell
   * @throws DomainError 429 `auth.too_many_mails` for a client that asks for too many
   */
  allow(email: string, client: Pick<Client, 'ip'>): Promise<boolean>;
}

export const createMailLimits = (options: {
  counter: AttemptCounter;
  perAccount: number;
  perAddress: number;
  windowMs: number;
}): MailLimits => ({
  async allow(email, { ip }) {
    const { counter, windowMs } = options;
    const asked = await counter.take(`mail-address:${networkOf(ip)}`, windowMs);
    if (asked.count > options.perAddress) {
      const seconds = Math.max(1, Math.ceil(asked.resetMs / 1000));
      throw new DomainError('auth.too_many_mails', 429, `Too many mails were asked for. Try again in ${seconds} s.`, {
        headers: { 'retry-after': String(seconds) },
      });
    }
    const account = createHash('sha256').update(email).digest('base64url');
    return (await counter.take(`mail-account:${account}`, windowMs)).count <= options.perAccount;
  },
});
