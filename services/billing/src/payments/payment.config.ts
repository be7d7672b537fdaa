import { ConfigError, list } from '@atrium/service-kit';
import { z } from 'zod';
import { TaxRule } from '../invoices/tax.ts';
import { Party } from '../profile/profile.ts';
import { CURRENCY } from '../ledger/money.ts';
import { readRates, type Rates } from './currency.ts';

const json = <Schema extends z.ZodType>(schema: Schema, fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not valid JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const cents = (fallback: number) => z.coerce.number().int().min(1).max(1_000_000_000_000).default(fallback);

/** Settings of payments and invoices. */
export const paymentSettings = {
  /** Key of Stripe's API. Without it nothing is paid by card, and administrators enter top-ups. */
  STRIPE_SECRET_KEY: z.string().optional(),
  /** Signing secrets of the webhook endpoint, separated by commas: several while one is being replaced. */
  STRIPE_WEBHOOK_SECRETS: list,
  /** Where Stripe's API is, when not at Stripe. */
  STRIPE_API_URL: z.url().optional(),
  /** Where people come back to from Stripe; `?checkout=done` or `cancelled` is added. */
  CHECKOUT_RETURN_URL: z.url().default('http://127.0.0.1:8000/'),
  /** Whether administrators of a workspace may enter top-ups: `auto` means only without Stripe. */
  MANUAL_TOPUPS: z.enum(['auto', 'always', 'never']).default('auto'),
  /** The smallest and the largest top-up, in cents. */
  TOPUP_LEAST_CENTS: cents(500),
  TOPUP_MOST_CENTS: cents(1_000_000),
  /** Currencies that workspaces may pay in, with what one unit buys of the books' own: `EUR=1.08,BRL=0.18`. */
  CURRENCIES: list,
  /** Taxes on invoices, as JSON: `[{"name":"VAT","rate":2000,"inclusive":false,"country":"PT"}]`; rate in 1/100 %. */
  TAXES: json(z.array(TaxRule).max(10), '[]'),
  /** Who issues the invoices, as JSON: `{"name":"…","address":["…"],"country":"PT","taxId":"…","email":"…"}`. */
  INVOICE_SELLER: json(Party, '{"name":"Atrium"}'),
};
export type PaymentSettings = z.output<z.ZodObject<typeof paymentSettings>>;

/** What the settings mean together. @throws ConfigError when they contradict each other */
export const paymentMeans = (config: PaymentSettings) => {
  if (config.STRIPE_SECRET_KEY !== undefined && config.STRIPE_WEBHOOK_SECRETS.length === 0)
    throw new ConfigError('STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRETS: no payment would ever arrive');
  if (config.TOPUP_LEAST_CENTS > config.TOPUP_MOST_CENTS)
    throw new ConfigError('TOPUP_LEAST_CENTS is above TOPUP_MOST_CENTS');
  let rates: Rates;
  try {
    rates = readRates(config.CURRENCIES, CURRENCY);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
  const stripe = config.STRIPE_SECRET_KEY !== undefined;
  const manual = config.MANUAL_TOPUPS === 'always' || (config.MANUAL_TOPUPS === 'auto' && !stripe);
  const limits = { least: BigInt(config.TOPUP_LEAST_CENTS), most: BigInt(config.TOPUP_MOST_CENTS) };
  return { rates, limits, means: { stripe, manual } };
};
