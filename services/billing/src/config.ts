import { ServiceConfig } from '@atrium/service-kit';
import { z } from 'zod';
import { paymentSettings } from './payments/payment.config.ts';

/** Settings of billing. Amounts are micro-units: 1 USD = 1 000 000. */
export const BillingConfig = ServiceConfig.extend({
  /** Credit that a new workspace starts with; 0 grants none. */
  WELCOME_CREDIT: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(5_000_000),
  /** Seconds after which a hold that nobody settled goes back to the wallet. */
  HOLD_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
  ...paymentSettings,
});
