import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyEntry, emptyBooks, type Books } from '../ledger/ledger.ts';
import { readRates } from './currency.ts';
import { giveBackEntry, paymentEntry, takeBackEntry } from './payment.books.ts';
import { later, paymentStatuses, planTakingBack, remainderOf, type TakenBack } from './payment.ts';

describe('a payment', () => {
  it('ends in the same state whatever is learned first, and never leaves paid', () => {
    const status = fc.constantFrom(...paymentStatuses);
    fc.assert(
      fc.property(fc.array(status, { minLength: 1 }), (told) => {
        const end = (order: readonly (typeof told)[number][]) =>
          order.reduce((now, next) => later(paymentStatuses, now, next));
        expect(end(told.toReversed())).toBe(end(told));
        if (told.includes('paid')) expect(end(told)).toBe('paid');
      }),
    );
  });

  it('gives back no more than was paid, and with everything all of its tax', () => {
    const amounts = fc.array(fc.record({ cents: fc.bigInt({ min: 1n, max: 900n }), fails: fc.boolean() }));
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2_000n }),
        fc.bigInt({ min: 0n, max: 500n }),
        amounts,
        (net, tax, steps) => {
          const payment = { total: net + tax, tax };
          const rows: TakenBack[] = [];
          for (const { cents, fails } of steps) {
            const plan = planTakingBack(payment, rows, cents);
            expect(plan.tax >= 0n && plan.tax <= plan.taken).toBe(true);
            rows.push({ ...plan, returned: fails });
            expect(remainderOf(payment.total, rows)).toBeGreaterThanOrEqual(0n);
          }
          rows.push({ ...planTakingBack(payment, rows, payment.total), returned: false });
          expect(remainderOf(payment.total, rows)).toBe(0n);
          const back = rows.filter(({ returned }) => !returned).reduce((all, row) => all + row.tax, 0n);
          expect(back).toBe(tax);
        },
      ),
    );
  });
});

describe('the books of payments', () => {
  const credit = (net: bigint) => ({ kind: 'topup' as const, net, tax: 0n });

  it('sum to zero, keep the wallet at or above zero, and never hold money while something is owed', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('pay' as const),
        net: fc.bigInt({ min: 1n, max: 99n }),
        tax: fc.bigInt({ min: 0n, max: 9n }),
      }),
      fc.record({ do: fc.constant('spend' as const), part: fc.bigInt({ min: 0n, max: 100n }) }),
      fc.record({ do: fc.constant('back' as const), at: fc.nat(), again: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let books: Books = emptyBooks;
        const paid: { kind: 'topup'; net: bigint; tax: bigint }[] = [];
        for (const one of steps) {
          if (one.do === 'pay') {
            const moved = { kind: 'topup' as const, net: one.net, tax: one.tax };
            books = applyEntry(books, paymentEntry(books, 'p', moved, ''));
            paid.push(moved);
          }
          if (one.do === 'spend') {
            const cost = (books.wallet * one.part) / 100n;
            books = { ...books, wallet: books.wallet - cost, spent: books.spent + cost };
          }
          if (one.do === 'back') {
            const [moved] = paid.splice(one.at % Math.max(paid.length, 1), 1);
            if (!moved) continue;
            books = applyEntry(books, takeBackEntry(books, 'dispute', 'd', moved, ''));
            if (one.again) {
              books = applyEntry(books, giveBackEntry(books, 'dispute', 'd', moved, ''));
              paid.push(moved);
            }
          }
          expect(Object.values(books).reduce((all, amount) => all + amount, 0n)).toBe(0n);
          expect(books.owed === 0n || books.wallet === 0n).toBe(true);
          expect(books.paid).toBe(-paid.reduce((all, { net, tax }) => all + net + tax, 0n));
        }
      }),
    );
  });

  it('owe what was spent before it was taken back, and the next top-up pays that first', () => {
    const spent: Books = { ...emptyBooks, paid: -100n, wallet: 30n, spent: 70n };
    const back = applyEntry(spent, takeBackEntry(spent, 'dispute', 'd', credit(100n), ''));
    expect(back).toMatchObject({ paid: 0n, wallet: 0n, owed: -70n });
    expect(applyEntry(back, paymentEntry(back, 'p', credit(50n), ''))).toMatchObject({ wallet: 0n, owed: -20n });
    expect(applyEntry(back, paymentEntry(back, 'p', credit(90n), ''))).toMatchObject({ wallet: 20n, owed: 0n });
  });

  it('book what a plan costs as a fee', () => {
    const plan = { kind: 'subscription' as const, net: 100n, tax: 20n };
    const after = applyEntry(emptyBooks, paymentEntry(emptyBooks, 'p', plan, ''));
    expect(after).toMatchObject({ paid: -120n, fees: 100n, taxes: 20n, wallet: 0n });
    expect(applyEntry(after, takeBackEntry(after, 'refund', 'r', plan, ''))).toEqual(emptyBooks);
  });
});

describe('the currencies', () => {
  it('say what a cent buys', () => {
    const rates = readRates(['USD', 'EUR=1.08', 'BRL=0.1795', 'GBP=1'], 'USD');
    expect([...rates]).toEqual([
      ['USD', 10_000n],
      ['EUR', 10_800n],
      ['BRL', 1_795n],
      ['GBP', 10_000n],
    ]);
  });
  it.each(['EUR', 'EUR=0', 'USD=2', 'euro=1', 'JPY=0.006', 'EUR=1.08000', 'EUR=-1'])('refuse %s', (entry) => {
    expect(() => readRates([entry], 'USD')).toThrow('CURRENCIES');
  });
});
