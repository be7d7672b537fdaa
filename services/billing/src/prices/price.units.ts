import type { PriceUnit } from './price.ts';

/** What is counted outside of runs, and how usage records name it. */
export const measuredUnits = ['embedding', 'pages', 'audio_second', 'storage_byte_day'] as const;
export type MeasuredUnit = (typeof measuredUnits)[number];

/** How something that is counted is priced: the unit of the price book, and how many counts make one of it. */
export const pricedAs: Readonly<Record<MeasuredUnit, { readonly unit: PriceUnit; readonly counts: bigint }>> = {
  embedding: { unit: 'embedding', counts: 1n },
  pages: { unit: 'page', counts: 1n },
  audio_second: { unit: 'audio_minute', counts: 60n },
  // A gigabyte is 10^9 bytes, a month of storage is 30 days.
  storage_byte_day: { unit: 'storage_gb_month', counts: 30_000_000_000n },
};

/** How many of a unit the price of a file or an answer is for: tokens by the million, pages by the thousand. */
export const perOf: Readonly<Record<PriceUnit, number>> = {
  input: 1_000_000,
  cached_input: 1_000_000,
  output: 1_000_000,
  embedding: 1_000_000,
  page: 1_000,
  audio_minute: 1,
  storage_gb_month: 1,
};

const MILLION = 1_000_000n;

/** What a count costs in micro-units: exact, then rounded up once. */
export const costOfCount = (unit: MeasuredUnit, quantity: bigint, perMillion: bigint): bigint => {
  const whole = MILLION * pricedAs[unit].counts;
  return (quantity * perMillion + whole - 1n) / whole;
};

/** Digits after the point that a price of the unit can have without losing any. */
const digitsOf = (unit: PriceUnit): number => 12 - Math.log10(perOf[unit]);

/**
 * Reads a price as people write it, in US dollars for `perOf[unit]` of the unit.
 * @returns micro-units for a million of the unit, exactly; undefined when it is not a price or would have to be rounded
 */
export const readPrice = (text: string, unit: PriceUnit): bigint | undefined => {
  const match = /^(\d{1,9})(?:\.(\d{1,12}))?$/.exec(text.trim());
  if (!match) return undefined;
  const digits = digitsOf(unit);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  const amount = BigInt(match[1] ?? '0') * 10n ** BigInt(digits) + BigInt(fraction.padEnd(digits, '0') || '0');
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : amount;
};

/** The other way round: `2.5` for 2 500 000 micro-units a million tokens. */
export const writePrice = (perMillion: bigint, unit: PriceUnit): string => {
  const digits = digitsOf(unit);
  const text = perMillion.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`;
};
