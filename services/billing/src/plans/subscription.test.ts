import { describe, expect, it } from '@jest/globals';
import { emptyBooks, type Books } from '../ledger/ledger.ts';
import { usualPlans } from './plan.ts';
import type { Subscription } from './subscription.entity.ts';
import { createSubscriptionService } from './subscription.service.ts';

const DAY = 86_400_000;
const day = (count: number): Date => new Date(Date.UTC(2026, 0, 1) + count * DAY);

/** The rules on a store in memory, at a time that a test moves. */
const begin = () => {
  let at = day(0);
  let row: Subscription | null = null;
  const granted: { reference: string; amount: bigint; expiresAt: Date | null }[] = [];
  const told: string[] = [];
  const service = createSubscriptionService({
    subscriptions: {
      find: async () => row,
      lock: async () => row,
      begin: async (given) => void (row ??= { ...given, workspaceId: 'w' }),
      change: async (change) => void (row = row && { ...row, ...change }),
    },
    credits: {
      grant: async (books: Books, given: (typeof granted)[number]) => {
        const known = granted.some(({ reference }) => reference === given.reference);
        if (given.amount > 0n && !known) granted.push(given);
        return books;
      },
      withdraw: async (books: Books) => books,
    } as never,
    ledger: { openAndLock: async () => emptyBooks } as never,
    settings: { read: async () => ({ timeZone: 'UTC' }) } as never,
    plans: usualPlans,
    byHand: false,
    workspaceId: 'w',
    outbox: { add: async (_event, _key, data) => void told.push((data as { plan: string }).plan) },
    jobs: { add: async () => 'job', cancel: async () => false },
    now: () => at,
  });
  return { service, granted, told, move: (to: Date) => (at = to) };
};

describe('a plan that was paid', () => {
  it('begins for its period with one allowance, however often it is told', async () => {
    const { service, granted, told } = begin();
    for (let times = 0; times < 3; times += 1) await service.activate('pro', day(0), day(31), 'payment-1');
    expect(await service.find()).toMatchObject({ plan: 'pro', source: 'payment-1', periodEnd: day(31) });
    expect(granted).toMatchObject([{ amount: 20_000_000n, expiresAt: day(31) }]);
    expect(told).toEqual(['pro']);
  });

  it('is renewed by the next payment, and one that is told late changes nothing', async () => {
    const { service, granted, move } = begin();
    await service.activate('pro', day(0), day(31), 'payment-1');
    move(day(31));
    await service.activate('pro', day(31), day(59), 'payment-2');
    await service.activate('pro', day(0), day(31), 'payment-1');
    expect(await service.find()).toMatchObject({ source: 'payment-2', periodStart: day(31), periodEnd: day(59) });
    expect(granted.map(({ expiresAt }) => expiresAt)).toEqual([day(31), day(59)]);
  });

  it('outlives its period while the next payment may still come, then it is the free plan', async () => {
    const { service, granted, told, move } = begin();
    await service.activate('pro', day(0), day(31), 'payment-1');
    move(day(33));
    await service.renew();
    expect(await service.ensure()).toMatchObject({ plan: 'pro' });
    move(day(34));
    await service.renew();
    expect(await service.ensure()).toMatchObject({ plan: 'free', source: 'default' });
    expect(granted).toHaveLength(1);
    expect(told).toEqual(['pro', 'free']);
  });

  it('that was cancelled ends with its period', async () => {
    const { service, move } = begin();
    await service.activate('pro', day(0), day(31), 'payment-1');
    await service.cancelAtEnd(true);
    move(day(31));
    expect(await service.ensure()).toMatchObject({ plan: 'free', nextPlan: null });
  });

  it('is offered for its price in micro-units, where it has one', async () => {
    const { service } = begin();
    expect(await service.offer('pro')).toEqual({ name: 'Pro', price: 20_000_000n, interval: 'month' });
    expect(await service.offer('free')).toBeUndefined();
    expect(await service.offer('none')).toBeUndefined();
  });

  it('is refused for a plan that is not there, or a period that ends before it begins', async () => {
    const { service } = begin();
    await expect(service.activate('none', day(0), day(1), 'p')).rejects.toMatchObject({ code: 'plan.unknown' });
    await expect(service.activate('pro', day(1), day(1), 'p')).rejects.toMatchObject({ code: 'subscription.period' });
  });
});
