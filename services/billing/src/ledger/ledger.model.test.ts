import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planCapture, type HoldState } from '../holds/hold.ts';
import {
  accounts,
  applyEntry,
  captureEntry,
  chargeEntry,
  emptyBooks,
  grantEntry,
  holdEntry,
  overdrawnBy,
  releaseEntry,
  reversalEntry,
  type Books,
  type EntryDraft,
} from './ledger.ts';

/** How many steps are taken; `LEDGER_STEPS=1000000` takes them all, in about a minute. */
const STEPS = Number(process.env['LEDGER_STEPS'] ?? 50_000);
const RUN = 200;

const amount = fc.bigInt({ min: 1n, max: 3_000n });
const step = fc.record({
  verb: fc.constantFrom('grant', 'hold', 'capture', 'release', 'expire', 'charge', 'reverse'),
  amount,
  at: fc.nat(),
  keepRest: fc.boolean(),
  limit: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** The books as the rules move them, beside a second count that knows nothing of the rules. */
class Bank {
  books: Books = emptyBooks;
  readonly holds: HoldState[] = [];
  private readonly reversible: EntryDraft[] = [];
  private moved = 0n;

  private post(draft: EntryDraft): void {
    this.books = applyEntry(this.books, draft);
    this.moved += draft.postings.reduce((sum, { amount: one }) => sum + one, 0n);
  }

  take({ verb, amount: asked, at, keepRest, limit }: Step): void {
    const place = at % Math.max(this.holds.length, 1);
    const hold = this.holds[place];
    if (verb === 'grant') this.reverseable(grantEntry('g', asked, ''));
    if (verb === 'charge' && this.books.wallet >= asked) this.reverseable(chargeEntry('c', asked, ''));
    if (verb === 'hold' && this.books.wallet >= asked) {
      this.post(holdEntry('h', asked, ''));
      this.holds.push({ status: 'open', amount: asked, remaining: asked, captured: 0n });
    }
    if (verb === 'reverse' && this.reversible.length > 0) {
      const of = this.reversible[at % this.reversible.length];
      if (!of) return;
      const draft = reversalEntry({ id: 'e', postings: of.postings }, '');
      if (overdrawnBy(this.books, draft)) return;
      this.post(draft);
      this.reversible.splice(this.reversible.indexOf(of), 1);
    }
    if (!hold) return;
    if ((verb === 'release' || verb === 'expire') && hold.status === 'open') {
      this.post(releaseEntry('h', hold.remaining, ''));
      const closed = verb === 'expire' ? 'expired' : 'released';
      this.holds[place] = { ...hold, remaining: 0n, status: hold.captured > 0n ? 'captured' : closed };
    }
    if (verb === 'capture') this.capture(place, hold, asked, { keepRest, limit });
  }

  private reverseable(draft: EntryDraft): void {
    this.post(draft);
    this.reversible.push(draft);
  }

  private capture(place: number, hold: HoldState, asked: bigint, rule: { keepRest: boolean; limit: boolean }): void {
    const { wallet } = this.books;
    const plan = planCapture(hold, wallet, asked, rule);
    if (plan.refused === 'settled') return expect(['captured', 'released']).toContain(hold.status);
    if (plan.refused) {
      expect(rule.limit).toBe(false);
      return expect(asked).toBeGreaterThan(hold.remaining + wallet);
    }
    const { fromHeld, fromWallet, released, uncovered, after } = plan;
    if (fromHeld + fromWallet > 0n) this.post(captureEntry('h', { held: fromHeld, wallet: fromWallet }, ''));
    if (released > 0n) this.post(releaseEntry('h', released, ''));
    this.holds[place] = after;
    if (fromHeld + fromWallet + uncovered !== asked) throw new Error('a capture lost money');
    if (uncovered > 0n && this.books.wallet !== 0n) throw new Error('a capture left money that it was asked to take');
  }

  check(): void {
    const { books } = this;
    const total = Object.values(books).reduce((sum, one) => sum + one, 0n);
    const open = this.holds.reduce((sum, { status, remaining }) => sum + (status === 'open' ? remaining : 0n), 0n);
    if (total !== 0n || this.moved !== 0n) throw new Error(`the books sum to ${total}, the entries to ${this.moved}`);
    if (books.held !== open) throw new Error(`${books.held} is held for open holds of ${open}`);
    for (const [kind, side] of Object.entries(accounts)) {
      const balance = books[kind as keyof Books];
      if (side === 'source' ? balance > 0n : balance < 0n) throw new Error(`${kind} is at ${balance}`);
    }
    for (const { status, amount: of, remaining } of this.holds)
      if ((status === 'open') !== remaining > 0n || remaining > of)
        throw new Error('a hold is open with nothing in it');
  }
}

describe(`${STEPS} steps of grants, holds, captures, releases, charges and reversals`, () => {
  it('keep the sum at zero, every account on its side, and the held account equal to the open holds', () => {
    const seed = Number(process.env['LEDGER_SEED'] ?? Date.now() % 2 ** 31);
    let steps = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: RUN, maxLength: RUN, size: 'max' }), (taken) => {
        const bank = new Bank();
        for (const one of taken) {
          bank.take(one);
          bank.check();
          steps += 1;
        }
      }),
      { numRuns: Math.ceil(STEPS / RUN), seed, endOnFailure: true },
    );
    process.stderr.write(`ledger rules: ${steps} steps, seed ${seed}\n`);
    expect(steps).toBeGreaterThanOrEqual(STEPS);
  });
});
