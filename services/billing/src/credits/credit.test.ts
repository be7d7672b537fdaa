import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { consume, expireFrom, follow, orderOf, planExpiry, takeBack, type CreditLot, type Movement } from './credit.ts';

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const lot = (id: string, remaining: bigint, given: Partial<CreditLot> = {}): CreditLot => ({
  id,
  reference: `grant:${id}`,
  kind: 'granted',
  priority: 30,
  amount: 1_000n,
  remaining,
  expired: 0n,
  expiresAt: null,
  createdAt: at(1),
  ...given,
});
const left = (lots: readonly CreditLot[]): Record<string, bigint> =>
  Object.fromEntries(lots.map(({ id, remaining }) => [id, remaining]));
const sum = (lots: readonly CreditLot[]): bigint => lots.reduce((all, { remaining }) => all + remaining, 0n);

const paid = lot('paid', 100n, { kind: 'paid', priority: 100 });
const late = lot('late', 50n, { kind: 'allowance', priority: 10, expiresAt: at(31) });
const soon = lot('soon', 30n, { kind: 'allowance', priority: 10, expiresAt: at(5) });
const welcome = lot('welcome', 20n, { kind: 'welcome', priority: 50 });
const all = [paid, late, soon, welcome];

it('is used up by priority, then by what expires first', () => {
  expect(orderOf(all).map(({ id }) => id)).toEqual(['soon', 'late', 'welcome', 'paid']);
  expect(left(consume(all, 40n))).toEqual({ soon: 0n, late: 40n, welcome: 20n, paid: 100n });
  expect(left(consume(all, 150n))).toEqual({ soon: 0n, late: 0n, welcome: 0n, paid: 50n });
});

it('is taken back from what was paid', () => {
  expect(left(takeBack(all, 110n))).toEqual({ soon: 30n, late: 50n, welcome: 10n, paid: 0n });
});

describe('following the journal', () => {
  const move = (kind: string, reference: string, amount: bigint): Movement => ({ kind, reference, amount, at: at(2) });
  let ids = 0;
  const newId = (): string => `new-${(ids += 1)}`;

  it('makes lots of what came in, each once', () => {
    const grants = [move('grant', 'welcome', 5n), move('top_up', 'p1', 7n), move('top_up', 'p1', 7n)];
    expect(follow([], grants, newId)).toMatchObject([
      { reference: 'grant:welcome', kind: 'welcome', remaining: 5n, expiresAt: null },
      { reference: 'top_up:p1', kind: 'paid', remaining: 7n },
    ]);
  });

  it('leaves holds, releases and expiry alone', () => {
    const quiet = [move('hold', 'h', 0n), move('release', 'h', 0n), move('expire', 'x', -5n)];
    expect(follow(all, quiet, newId)).toEqual(all);
  });

  it('tells spending from refunds', () => {
    expect(left(follow(all, [move('charge', 'r', -10n)], newId))).toMatchObject({ soon: 20n, paid: 100n });
    expect(left(follow(all, [move('refund', 'r', -10n)], newId))).toMatchObject({ soon: 30n, paid: 90n });
  });

  it('always has as much left as the journal, and comes to the same in one go or in many', () => {
    const step = fc.record({
      kind: fc.constantFrom('grant', 'top_up', 'capture', 'charge', 'refund'),
      size: fc.bigInt({ min: 1n, max: 99n }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), fc.nat({ max: 50 }), (steps, cut) => {
        let balance = 0n;
        const moves = steps.flatMap(({ kind, size }, place): Movement[] => {
          const comes = kind === 'grant' || kind === 'top_up';
          const amount = comes ? size : -(size < balance ? size : balance);
          balance += amount;
          return amount === 0n ? [] : [move(kind, String(place), amount)];
        });
        const count = (): (() => string) => {
          let next = 0;
          return () => String((next += 1)).padStart(4, '0');
        };
        const [whole, parts] = [count(), count()];
        const once = follow([], moves, whole);
        expect(sum(once)).toBe(balance);
        expect(follow(follow([], moves.slice(0, cut), parts), moves.slice(cut), parts)).toEqual(once);
      }),
    );
  });
});

describe('what expires', () => {
  it('is what is left when the time is over', () => {
    expect(planExpiry(all, at(4), () => 0n)).toEqual([]);
    expect(planExpiry(all, at(5), () => 0n)).toEqual([{ lot: soon, amount: 30n }]);
    expect(planExpiry(all, at(31), () => 0n).map(({ amount }) => amount)).toEqual([30n, 50n]);
  });

  it('leaves what running work was promised', () => {
    expect(planExpiry(all, at(31), () => 10n).map(({ amount }) => amount)).toEqual([20n, 50n]);
    expect(planExpiry(all, at(31), () => 40n).map(({ lot: { id }, amount }) => [id, amount])).toEqual([['late', 40n]]);
    expect(planExpiry(all, at(31), () => 999n)).toEqual([]);
  });

  it('never takes more than there is, and is gone after it was taken', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 50n })), fc.bigInt({ min: 0n, max: 99n }), (amounts, held) => {
        const lots = amounts.map((amount, index) => lot(String(index), amount, { expiresAt: at(1 + (index % 28)) }));
        const plan = planExpiry(lots, at(28), () => held);
        const after = plan.reduce((now, { lot: { id }, amount }) => expireFrom(now, id, amount), lots);
        expect(sum(after)).toBe(sum(lots) < held ? sum(lots) : held);
        expect(planExpiry(after, at(28), () => held)).toEqual([]);
      }),
    );
  });
});
