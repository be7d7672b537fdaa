import { conflict, invalid } from '@atrium/service-kit';
import type { LedgerService } from '../ledger/ledger.service.ts';
import { CURRENCY } from '../ledger/money.ts';
import type { Rates } from '../payments/currency.ts';
import type { PaymentStore } from '../payments/payment.store.ts';
import type { Profile } from './profile.entity.ts';
import type { ProfileStore } from './profile.store.ts';
import { unnamedBuyer, type Buyer } from './profile.ts';

/** Who a workspace is on its invoices, and what it pays in. */
export const createProfileService = (parts: {
  profiles: ProfileStore;
  payments: Pick<PaymentStore, 'any'>;
  ledger: Pick<LedgerService, 'openAndLock'>;
  rates: Rates;
  now: () => Date;
}) => {
  const { profiles, payments, ledger, rates, now } = parts;

  const read = async (): Promise<Omit<Profile, 'workspaceId'>> =>
    (await profiles.find()) ?? { currency: CURRENCY, buyer: unnamedBuyer, customerId: null, updatedAt: now() };

  return {
    read,

    /**
     * Replaces the buyer; the currency stays when it is not named.
     * @throws DomainError 422 `profile.unknown_currency`, 409 `profile.currency_settled` once a payment was begun
     */
    async replace({ currency: wanted, ...buyer }: Buyer & { currency?: string | undefined }): Promise<void> {
      await ledger.openAndLock();
      const { currency } = await read();
      if (wanted !== undefined && !rates.has(wanted))
        throw invalid('profile.unknown_currency', `Payments are possible in ${[...rates.keys()].join(', ')}.`);
      if (wanted !== undefined && wanted !== currency && (await payments.any()))
        throw conflict('profile.currency_settled', `Payments were made in ${currency}, so it cannot change any more.`);
      await profiles.save({ currency: wanted ?? currency, buyer, updatedAt: now() });
    },

    /** Keeps the workspace's customer at Stripe. */
    async remember(customerId: string): Promise<void> {
      const { currency, buyer } = await read();
      await profiles.save({ currency, buyer, customerId, updatedAt: now() });
    },
  };
};
export type ProfileService = ReturnType<typeof createProfileService>;
