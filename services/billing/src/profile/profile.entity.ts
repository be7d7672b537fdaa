import { EntitySchema } from 'typeorm';
import type { Buyer } from './profile.ts';

export interface Profile {
  workspaceId: string;
  /** What the workspace pays in. */
  currency: string;
  buyer: Buyer;
  /** Its customer at Stripe, once it has one. */
  customerId: string | null;
  updatedAt: Date;
}
export const ProfileEntity = new EntitySchema<Profile>({
  name: 'BillingProfile',
  tableName: 'billing_profiles',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    currency: { type: 'text' },
    buyer: { type: 'jsonb' },
    customerId: { type: 'text', nullable: true },
    updatedAt: { type: 'timestamptz' },
  },
});
