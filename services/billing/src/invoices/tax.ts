import { z } from 'zod';

/** A tax as the operator configures it. */
export const TaxRule = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** Basis points: 2000 is 20 %. */
  rate: z.int().min(1).max(10_000),
  /** Whether prices contain it already; otherwise it is added to them. */
  inclusive: z.boolean().default(false),
  /** Only for buyers of this country (ISO 3166-1 alpha-2); absent: for everybody. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
});
export type TaxRule = z.infer<typeof TaxRule>;

/** A tax as it stands on a document; the amount in cents. */
interface TaxLine {
  readonly name: string;
  readonly rate: number;
  readonly inclusive: boolean;
  readonly amount: bigint;
}

/** What somebody pays, in cents. */
export interface Charge {
  /** The price as it was named, with the taxes it contains. */
  readonly price: bigint;
  /** The price without any tax. */
  readonly net: bigint;
  readonly taxes: readonly TaxLine[];
  /** What is added to the price. */
  readonly added: bigint;
  readonly total: bigint;
}

const BASIS = 10_000n;

/** Half a cent rounds up. */
const rounded = (dividend: bigint, divisor: bigint): bigint => (2n * dividend + divisor) / (2n * divisor);

export const taxesFor = (rules: readonly TaxRule[], country: string | null): TaxRule[] =>
  rules.filter((rule) => rule.country === undefined || rule.country === country);

/**
 * Puts taxes on a price. Taxes are on the document, not on its lines, each rounded half up to a cent. The net price is
 * the price without the taxes it contains, rounded once; the last contained tax takes what rounding leaves, so that
 * net and contained taxes are exactly the price. Taxes that are added are on the net price.
 */
export const chargeFor = (price: bigint, rules: readonly TaxRule[]): Charge => {
  const contained = rules.filter(({ inclusive }) => inclusive);
  const rates = contained.reduce((all, { rate }) => all + BigInt(rate), 0n);
  const net = rounded(price * BASIS, BASIS + rates);
  const on = ({ rate }: TaxRule): bigint => rounded(net * BigInt(rate), BASIS);
  let left = price - net;
  const taxes = rules.map((rule): TaxLine => {
    const last = rule === contained.at(-1);
    const amount = rule.inclusive ? (last || on(rule) > left ? left : on(rule)) : on(rule);
    if (rule.inclusive) left -= amount;
    return { name: rule.name, rate: rule.rate, inclusive: rule.inclusive, amount };
  });
  const added = taxes.filter(({ inclusive }) => !inclusive).reduce((all, { amount }) => all + amount, 0n);
  return { price, net, taxes, added, total: price + added };
};
