import { DomainError } from '@atrium/service-kit';
import { describeProblem, type TopUpProblem } from '../../budgets/top-up.problem.ts';
import type { TopUpService } from '../../budgets/top-up.service.ts';
import type { CardStore } from '../cards/card.store.ts';
import type { Payment } from '../payment.entity.ts';
import type { PaymentFacts } from '../payment.facts.ts';
import type { PaymentService } from '../payment.service.ts';
import type { PaymentStore } from '../payment.store.ts';

/** A charge that is to be made, or that may have been made already. */
export interface Charge {
  readonly payment: Payment;
  readonly customerId: string;
  readonly methodId: string;
  readonly askedAt: Date;
  /** Whether Stripe may know of it from an earlier try. */
  readonly again: boolean;
}

/** A payment that came to nothing, as far as is known without Stripe. */
export const cameToNothing = (payment: Payment, problem: TopUpProblem): PaymentFacts => ({
  ...{ status: 'failed', total: payment.total, currency: payment.currency, intentId: null, problem },
  ...{ failure: describeProblem(problem).reason, refunds: [], disputes: [] },
});

/** Automatic top-ups on their way to Stripe. The payment has the id of the top-up. */
export const createAutomaticService = (parts: {
  topUps: Pick<TopUpService, 'find' | 'charge' | 'finish'>;
  payments: Pick<PaymentService, 'quoteCredit' | 'begin' | 'learn'>;
  store: Pick<PaymentStore, 'find'>;
  cards: Pick<CardStore, 'find'>;
  lock: () => Promise<unknown>;
}) => {
  const { topUps, payments, store, cards, lock } = parts;
  return {
    /** Whether Stripe may have been asked to charge a card. */
    isUnderWay: async (id: string): Promise<boolean> => (await topUps.find(id))?.methodId != null,

    /** Notes the payment and the card before Stripe is asked; undefined when there is nothing to ask for. */
    async prepare(id: string): Promise<Charge | undefined> {
      await lock();
      const asked = await topUps.find(id);
      if (asked?.status !== 'pending') return undefined;
      const known = await store.find(id);
      const { customerId, methodId, createdAt: askedAt } = asked;
      if (known && customerId !== null && methodId !== null)
        return { payment: known, customerId, methodId, askedAt, again: true };
      const quote = await payments.quoteCredit(asked.amount).catch((error: unknown) => {
        if (error instanceof DomainError) return undefined;
        throw error;
      });
      if (!quote) {
        await topUps.finish(id, 'not_possible');
        return undefined;
      }
      const payment = await payments.begin(id, quote, { kind: 'topup', provider: 'stripe', automatic: true });
      const card = await cards.find();
      if (!card) {
        await payments.learn(id, cameToNothing(payment, 'no_card'));
        return undefined;
      }
      await topUps.charge(id, card);
      return { payment, customerId: card.customerId, methodId: card.methodId, askedAt, again: false };
    },
  };
};
export type AutomaticService = ReturnType<typeof createAutomaticService>;
