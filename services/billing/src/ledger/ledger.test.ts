import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planSettlement, type HoldStatus } from '../holds/hold.ts';
import {
  applyEntry,
  captureEntry,
  chargeEntry,
  emptyBooks,
  grantEntry,
  holdEntry,
  releaseEntry,
  trialBalance,
  type Books,
  type EntryDraft,
} from './ledger.ts';

const total = (books: Books): bigint => Object.values(books).reduce((all, amount) => all + amount, 0n);

describe('an entry', () => {
  const books: Books = { ...emptyBooks, granted: -100n, wallet: 60n, held: 30n, spent: 10n };
  const cases: [string, EntryDraft, Books][] = [
    ['grant', grantEntry('r', 5n, ''), { ...emptyBooks, granted: -105n, wallet: 65n, held: 30n, spent: 10n }],
    ['hold', holdEntry('r', 60n, ''), { ...emptyBooks, granted: -100n, wallet: 0n, held: 90n, spent: 10n }],
    ['capture of held money', captureEntry('r', { held: 30n, wallet: 0n }, ''), { ...books, held: 0n, spent: 40n }],
    [
      'capture of both',
      captureEntry('r', { held: 30n, wallet: 2n }, ''),
      { ...books, wallet: 58n, held: 0n, spent: 42n },
    ],
    ['release', releaseEntry('r', 30n, ''), { ...books, wallet: 90n, held: 0n }],
    ['charge', chargeEntry('r', 1n, ''), { ...books, wallet: 59n, spent: 11n }],
  ];
  it.each(cases)('of kind %s moves exactly its amount', (_name, draft, after) => {
    expect(applyEntry(books, draft)).toEqual(after);
  });

  it.each<[string, EntryDraft]>([
    ['takes more than the wallet has', holdEntry('r', 61n, '')],
    ['releases more than is held', releaseEntry('r', 31n, '')],
    ['captures more than is held', captureEntry('r', { held: 31n, wallet: 0n }, '')],
    ['moves nothing', chargeEntry('r', 0n, '')],
    ['does not sum to zero', { ...chargeEntry('r', 1n, ''), postings: [{ account: 'wallet', amount: -1n }] }],
  ])('that %s is refused', (_name, draft) => {
    expect(() => applyEntry(books, draft)).toThrow(draft.kind);
  });

  it('has no postings of zero', () => {
    expect(captureEntry('r', { held: 1n, wallet: 0n }, '').postings.map(({ account }) => account)).toEqual([
      'held',
      'spent',
    ]);
  });
});

describe('the trial balance', () => {
  it('is right when all sums to zero and every balance is what its postings make it', () => {
    const accounts = [
      { kind: 'granted' as const, balance: -5n, postings: -5n },
      { kind: 'wallet' as const, balance: 5n, postings: 5n },
    ];
    expect(trialBalance(accounts)).toEqual({ balanced: true, total: 0n });
    expect(trialBalance([])).toEqual({ balanced: true, total: 0n });
  });
  it('is wrong when a balance drifted, even if the total is zero', () => {
    const accounts = [
      { kind: 'granted' as const, balance: -6n, postings: -5n },
      { kind: 'wallet' as const, balance: 6n, postings: 5n },
    ];
    expect(trialBalance(accounts)).toEqual({ balanced: false, total: 0n });
  });
  it('is wrong when money came from nowhere', () => {
    expect(trialBalance([{ kind: 'wallet', balance: 1n, postings: 1n }])).toEqual({ balanced: false, total: 1n });
  });
});

const amount = fc.bigInt({ min: 1n, max: 2_000n });
const action = fc.oneof(
  fc.record({ do: fc.constant('grant' as const), amount }),
  fc.record({ do: fc.constant('hold' as const), amount }),
  fc.record({ do: fc.constant('settle' as const), at: fc.nat(), cost: fc.bigInt({ min: 0n, max: 4_000n }) }),
  fc.record({ do: fc.constant('expire' as const), at: fc.nat() }),
);

describe('any sequence of grants, holds, settlements and expiries', () => {
  it('keeps the sum zero, nothing below zero, and the held account equal to the open holds', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let books = emptyBooks;
        const holds: { status: HoldStatus; amount: bigint }[] = [];
        const post = (draft: EntryDraft) => (books = applyEntry(books, draft));
        for (const step of actions) {
          const hold = 'at' in step ? holds[step.at % Math.max(holds.length, 1)] : undefined;
          if (step.do === 'grant') post(grantEntry('g', step.amount, ''));
          if (step.do === 'hold' && books.wallet >= step.amount) {
            post(holdEntry('h', step.amount, ''));
            holds.push({ status: 'open', amount: step.amount });
          }
          if (step.do === 'expire' && hold?.status === 'open') {
            post(releaseEntry('h', hold.amount, ''));
            hold.status = 'expired';
          }
          if (step.do === 'settle' && hold) {
            const wallet = books.wallet;
            const plan = planSettlement(hold, wallet, step.cost);
            if (plan) {
              if (plan.captured > 0n) post(captureEntry('h', { held: plan.fromHeld, wallet: plan.fromWallet }, ''));
              if (plan.released > 0n) post(releaseEntry('h', plan.released, ''));
              hold.status = plan.status;
              expect(plan.captured + plan.uncovered).toBe(step.cost);
              expect(plan.uncovered === 0n || books.wallet === 0n).toBe(true);
            }
          }
          const open = holds.filter(({ status }) => status === 'open').reduce((sum, one) => sum + one.amount, 0n);
          expect(total(books)).toBe(0n);
          expect(books.held).toBe(open);
          expect(books.wallet >= 0n && books.spent >= 0n && books.granted <= 0n).toBe(true);
        }
      }),
    );
  });
});
