import { z } from 'zod';

const Line = (longest: number) => z.string().trim().min(1).max(longest);

/** Who stands on an invoice, on either side. */
export const Party = z.strictObject({
  name: Line(200),
  /** Street, place, and what else a letter needs; one line each. */
  address: z.array(Line(200)).max(6).default([]),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  taxId: Line(60).nullable().default(null),
  email: z.email().max(254).nullable().default(null),
});
export type Party = z.infer<typeof Party>;

export const languages = ['en', 'pt', 'es'] as const;
export type Language = (typeof languages)[number];

/** What a workspace says about itself for its invoices. */
export const Buyer = Party.extend({ language: z.enum(languages).default('en') });
export type Buyer = z.infer<typeof Buyer>;

/** The buyer of a workspace that has not said who it is. */
export const unnamedBuyer: Buyer = {
  name: '-',
  address: [],
  country: null,
  taxId: null,
  email: null,
  language: 'en',
};
