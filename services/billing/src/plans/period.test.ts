import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addMonths, localDateOf, startOfDay } from '../settings/zone.ts';
import { planPeriodAt, prorate, shareOf } from './period.ts';

const zones = fc.constantFrom('UTC', 'America/Sao_Paulo', 'America/New_York', 'Pacific/Apia');
const moments = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }).map((ms) => new Date(ms));

describe('the period of a plan', () => {
  it.each([
    ['2026-01-31T12:00:00Z', '2026-02-15T00:00:00Z', '2026-01-31T12:00:00.000Z', '2026-02-28T00:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-03-01T00:00:00Z', '2026-02-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z'],
    ['2026-01-31T12:00:00Z', '2026-05-01T00:00:00Z', '2026-04-30T00:00:00.000Z', '2026-05-31T00:00:00.000Z'],
    ['2028-01-30T12:00:00Z', '2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z', '2028-03-30T00:00:00.000Z'],
  ])('that began at %s is at %s from %s to %s', (began, at, start, end) => {
    const period = planPeriodAt(began.slice(0, 10), 'UTC', new Date(began), new Date(at));
    expect([period.start.toISOString(), period.end.toISOString()]).toEqual([start, end]);
  });

  it('holds its moment, ends where the next begins, and keeps to the day of the anchor', () => {
    fc.assert(
      fc.property(zones, moments, fc.nat({ max: 4 * 365 * 86_400 }), (zone, began, seconds) => {
        const at = new Date(began.getTime() + seconds * 1000);
        const anchor = localDateOf(began, zone);
        const { start, end } = planPeriodAt(anchor, zone, began, at);
        expect(start <= at && at < end).toBe(true);
        expect(planPeriodAt(anchor, zone, began, end).start).toEqual(end);
        const months = Array.from({ length: 62 }, (_one, count) =>
          startOfDay(addMonths(anchor, count), zone).getTime(),
        );
        expect(months).toContain(end.getTime());
      }),
    );
  });
});

describe('proration', () => {
  const period = { start: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') };
  const within = fc.integer({ min: period.start.getTime(), max: period.end.getTime() }).map((ms) => new Date(ms));
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 12n });

  it.each([
    [0n, 30_000_000n, '2026-11-01T00:00:00Z', 30_000_000n],
    [0n, 30_000_000n, '2026-11-16T00:00:00Z', 15_000_000n],
    [30_000_000n, 0n, '2026-11-16T00:00:00Z', -15_000_000n],
    [10_000_000n, 40_000_000n, '2026-11-16T00:00:00Z', 15_000_000n],
    [0n, 30_000_000n, '2026-12-01T00:00:00Z', 0n],
  ])('from %s to %s at %s is %s', (before, after, at, worth) => {
    expect(prorate(before, after, period, new Date(at))).toBe(worth);
  });

  it('cuts an amount into parts that add up to it exactly, wherever it is cut', () => {
    fc.assert(
      fc.property(amounts, fc.array(within, { maxLength: 20 }), (amount, cuts) => {
        const edges = [period.start, ...cuts.sort((one, other) => one.getTime() - other.getTime()), period.end];
        const parts = edges.slice(1).map((to, at) => shareOf(amount, period, edges[at] ?? to, to));
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
        expect(parts.every((part) => part >= 0n)).toBe(true);
      }),
    );
  });

  it('through any changes of plan grants what each was worth for its time', () => {
    fc.assert(
      fc.property(amounts, fc.array(fc.tuple(within, amounts), { maxLength: 12 }), (first, changes) => {
        const inOrder = changes.sort(([one], [other]) => one.getTime() - other.getTime());
        let [plan, granted] = [first, first];
        for (const [at, next] of inOrder) {
          granted += prorate(plan, next, period, at);
          plan = next;
        }
        const edges: [Date, bigint][] = [[period.start, first], ...inOrder];
        const worth = edges.reduce(
          (sum, [from, amount], at) => sum + shareOf(amount, period, from, edges[at + 1]?.[0] ?? period.end),
          0n,
        );
        expect(granted).toBe(worth);
      }),
    );
  });

  it('there and back at once is worth nothing', () => {
    fc.assert(
      fc.property(amounts, amounts, within, (one, other, at) => {
        expect(prorate(one, other, period, at) + prorate(other, one, period, at)).toBe(0n);
      }),
    );
  });
});
