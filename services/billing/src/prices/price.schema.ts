import { PageQuery } from '@atrium/service-kit';
import { z } from 'zod';
import { CURRENCY, toWire } from '../ledger/money.ts';
import { MOST_ROWS } from './price.import.ts';
import { priceUnits, type ListedPrice } from './price.ts';
import { perOf, writePrice } from './price.units.ts';

export const ListPrices = PageQuery.extend({
  provider: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  unit: z.enum(priceUnits).optional(),
  /** `own`: what the workspace set for itself; `shared`: the list of the house. */
  list: z.enum(['own', 'shared']).optional(),
});
export type ListPrices = z.output<typeof ListPrices>;

export const PriceView = z
  .object({
    provider: z.string(),
    model: z.string(),
    unit: z.enum(priceUnits),
    /** US dollars for `per` of the unit, as a decimal number. */
    price: z.string(),
    per: z.int(),
    /** The same in micro-units for a million of the unit. */
    perMillion: z.int(),
    currency: z.string(),
    validFrom: z.iso.datetime(),
    list: z.enum(['own', 'shared']),
  })
  .meta({ id: 'BillingPrice' });

export const presentPrice = (row: ListedPrice): z.input<typeof PriceView> => ({
  ...row,
  price: writePrice(row.perMillion, row.unit),
  per: perOf[row.unit],
  perMillion: toWire(row.perMillion),
  currency: CURRENCY,
  validFrom: row.validFrom.toISOString(),
  list: row.own ? 'own' : 'shared',
});

const Line = z.strictObject({
  provider: z.string().max(400),
  model: z.string().max(400),
  unit: z.string().max(100),
  /** US dollars for a million tokens, a thousand pages, a minute, or a gigabyte and month. */
  price: z.string().max(100),
  validFrom: z.string().max(100).default(''),
});

export const ImportPrices = z
  .strictObject({
    /** A CSV file whose first line names `provider,model,unit,price,validFrom`. */
    csv: z.string().min(1).max(1_500_000).optional(),
    prices: z.array(Line).min(1).max(MOST_ROWS).optional(),
    /** Only says what would happen. */
    dryRun: z.boolean().default(false),
  })
  .refine(({ csv, prices }) => (csv === undefined) !== (prices === undefined), 'Send either `csv` or `prices`.');
export type ImportPrices = z.output<typeof ImportPrices>;

export const ImportReport = z
  .object({
    dryRun: z.boolean(),
    rows: z.int(),
    added: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    /** What is wrong, row by row; only a dry run answers with them, an import is refused. */
    errors: z.array(z.object({ row: z.int(), field: z.string(), message: z.string() })),
  })
  .meta({ id: 'BillingPriceImport' });

const count = z.int().nonnegative().max(1_000_000_000).default(0);
export const EstimateCost = z.strictObject({
  provider: z.string().min(1).max(200),
  model: z.string().min(1).max(200),
  inputTokens: count,
  /** Characters of a text whose tokens were not counted. */
  textLength: count,
  maxOutputTokens: count,
  embeddingTokens: count,
  pages: z.int().nonnegative().max(1_000_000).default(0),
  audioMinutes: z.number().nonnegative().max(100_000).default(0),
});

export const EstimateView = z
  .object({
    /** Micro-units. */
    cost: z.object({ low: z.int(), high: z.int() }),
    currency: z.string(),
    listedAs: z.string(),
    balance: z.object({
      available: z.int(),
      /** What would be left at most and at least; below zero is what is missing. */
      afterLow: z.int(),
      afterHigh: z.int(),
    }),
    /** Whether a hold of it would be granted by the balance. */
    covered: z.boolean(),
  })
  .meta({ id: 'BillingEstimate' });
