import type { Unit } from '@atrium/service-kit';
import type { Charging } from '../../budgets/top-up.ts';
import { CURRENCY } from '../../ledger/money.ts';
import { createProfileStore } from '../../profile/profile.store.ts';
import { paymentMeans, type PaymentSettings } from '../payment.config.ts';
import { createCharging } from './card.service.ts';
import { createCardStore } from './card.store.ts';

/** What rules of automatic top-ups ask of cards. */
export const composeCharging = (config: PaymentSettings): ((unit: Unit) => Charging) => {
  const { rates, limits, means } = paymentMeans(config);
  return ({ manager, tenant }) =>
    createCharging({
      available: means.stripe,
      cards: createCardStore(manager, tenant),
      profiles: createProfileStore(manager, tenant),
      ...{ rates, limits, usual: CURRENCY },
    });
};
