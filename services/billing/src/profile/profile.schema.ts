import { z } from 'zod';
import type { Profile } from './profile.entity.ts';
import { Buyer, Party } from './profile.ts';

export const ReplaceProfile = Buyer.extend({
  /** What the workspace pays in; settled with its first payment. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
});

export const ProfileView = z
  .object({
    currency: z.string(),
    buyer: z.object(Buyer.shape),
    /** Who issues the invoices; a setting of the installation. */
    seller: z.object(Party.shape),
  })
  .meta({ id: 'BillingProfile' });

export const presentProfile = (
  { currency, buyer }: Pick<Profile, 'currency' | 'buyer'>,
  seller: Party,
): z.input<typeof ProfileView> => ({ currency, buyer, seller });
