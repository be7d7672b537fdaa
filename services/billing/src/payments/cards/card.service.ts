import { conflict, invalid, type JobQueue } from '@atrium/service-kit';
import type { TopUpService } from '../../budgets/top-up.service.ts';
import type { Charging } from '../../budgets/top-up.ts';
import type { Books } from '../../ledger/ledger.ts';
import type { Profile } from '../../profile/profile.entity.ts';
import type { Rates } from '../currency.ts';
import type { Limits } from '../payment.service.ts';
import { forgetCard } from './card.forgetting.ts';
import type { CardSession, CardStore, SavedCard } from './card.store.ts';

/** The card that a workspace has saved, and the rule that lives on it. */
export const createCardService = (parts: {
  cards: CardStore;
  topUps: Pick<TopUpService, 'pause' | 'resume'>;
  lock: () => Promise<Books>;
  jobs: JobQueue;
}) => {
  const { cards, topUps, lock, jobs } = parts;
  const forget = (methodId: string) => jobs.add(forgetCard, { methodId }, { key: methodId });
  return {
    read: (): Promise<SavedCard | undefined> => cards.find(),

    /** Keeps a card in place of the one before; how often and in which order checkouts are told of makes no difference. */
    async save(card: SavedCard, session: CardSession): Promise<void> {
      const books = await lock();
      const before = await cards.find();
      if (before?.methodId === card.methodId) return;
      if (!(await cards.save(card, session))) return;
      if (before) await forget(before.methodId);
      await topUps.resume(books);
    },

    /** Forgets the card, here and at Stripe. */
    async remove(): Promise<void> {
      await lock();
      const card = await cards.find();
      if (!card) return;
      await cards.remove();
      await forget(card.methodId);
      await topUps.pause('no_card');
    },
  };
};
export type CardService = ReturnType<typeof createCardService>;

/** What a rule of automatic top-ups needs before it can be enabled. */
export const createCharging = (parts: {
  available: boolean;
  cards: Pick<CardStore, 'find'>;
  profiles: { find(): Promise<Profile | null> };
  rates: Rates;
  /** The currency of a workspace that has chosen none. */
  usual: string;
  limits: Limits;
}): Charging => {
  const { available, cards, profiles, rates, usual, limits } = parts;
  return {
    available,
    replaced: async (methodId) => {
      const card = await cards.find();
      return card !== undefined && card.methodId !== methodId;
    },
    async check(amount) {
      if (!(await cards.find()))
        throw conflict(
          'auto_top_up.no_card',
          'There is no card to charge. Save one first: POST /billing/payment-methods.',
        );
      const currency = (await profiles.find())?.currency ?? usual;
      const rate = rates.get(currency);
      if (rate === undefined)
        throw conflict('payment.currency_unavailable', `Payments in ${currency} are not possible at the moment.`);
      const price = amount / rate;
      if (price < limits.least || price > limits.most)
        throw invalid(
          'payment.amount_out_of_range',
          `A top-up is between ${limits.least} and ${limits.most} cents of ${currency}; this one is ${price}.`,
        );
    },
  };
};
