import { addMonths, localDateOf, startOfDay, type LocalDate, type Period } from '../settings/zone.ts';

/** The smallest count of months after which an anchor's period begins later than a moment. */
const monthsUntil = (anchor: LocalDate, zone: string, at: Date): number => {
  const today = localDateOf(at, zone);
  const [year = 0, month = 0] = anchor.split('-').map(Number);
  const [thisYear = 0, thisMonth = 0] = today.split('-').map(Number);
  let count = Math.max((thisYear - year) * 12 + thisMonth - month - 1, 1);
  while (startOfDay(addMonths(anchor, count), zone) <= at) count += 1;
  return count;
};

/**
 * The period of an anchored plan that a moment falls into: it begins each month on the anchor's day, at midnight of the
 * zone; where a month has no such day, on its last. The first one begins when the plan did.
 * @param began when the plan began; on the anchor's day
 */
export const planPeriodAt = (anchor: LocalDate, zone: string, began: Date, at: Date): Period => {
  const count = monthsUntil(anchor, zone, at);
  const start = count === 1 ? began : startOfDay(addMonths(anchor, count - 1), zone);
  return { start, end: startOfDay(addMonths(anchor, count), zone) };
};

/**
 * The part of a period's amount that falls on a stretch of it: what comes to its end less what comes to its start, each
 * rounded down. So the parts of a period always add up to the whole amount, however it is cut.
 */
export const shareOf = (amount: bigint, period: Period, from: Date, to: Date): bigint => {
  const length = BigInt(period.end.getTime() - period.start.getTime());
  const until = (moment: Date): bigint => {
    const passed = BigInt(moment.getTime() - period.start.getTime());
    const within = passed < 0n ? 0n : passed > length ? length : passed;
    return (amount * within) / length;
  };
  return until(to) - until(from);
};

/** What a change in the middle of a period is worth: above zero what is added, below what is taken back. */
export const prorate = (before: bigint, after: bigint, period: Period, at: Date): bigint =>
  shareOf(after, period, at, period.end) - shareOf(before, period, at, period.end);
