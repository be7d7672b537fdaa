import type { FakeStripe } from './stripe.fake.ts';

/** A top-up that somebody began: whose it is, and its checkout. */
export interface BegunTopUp {
  readonly owner: string;
  readonly sessionId: string;
}

/** What the books must say in the end. */
export interface Season {
  /** Cents that are left of each owner's payments. */
  readonly credit: ReadonlyMap<string, number>;
  readonly paid: number;
  readonly refunds: number;
  readonly disputes: number;
  /** Disputes that were won. */
  readonly won: number;
}

/**
 * Lets everything happen that happens to payments: nine of ten are paid and the others expire; some of the paid are
 * refunded in part, some are disputed, and half of the disputes are won. Nothing is delivered.
 * @param cents of each top-up
 */
export const liveSeason = (stripe: FakeStripe, topUps: readonly BegunTopUp[], cents: number): Season => {
  const credit = new Map<string, number>();
  const counted = { paid: 0, refunds: 0, disputes: 0, won: 0 };
  topUps.forEach(({ owner, sessionId }, at) => {
    if (at % 10 === 9) return stripe.expire(sessionId);
    const add = (amount: number): void => void credit.set(owner, (credit.get(owner) ?? 0) + amount);
    const intent = stripe.pay(sessionId);
    counted.paid += 1;
    add(cents);
    const back = at % 5 === 0 ? cents / 4 : 0;
    if (back > 0) {
      stripe.refund(intent, back);
      counted.refunds += 1;
      add(-back);
    }
    if (at % 13 !== 1) return;
    const won = at % 2 === 0;
    stripe.closeDispute(stripe.dispute(intent), won ? 'won' : 'lost');
    counted.disputes += 1;
    if (won) counted.won += 1;
    else add(back - cents);
  });
  return { credit, ...counted };
};
