import { EntitySchema } from 'typeorm';

/** An account elsewhere that signs a user in here. */
export interface ExternalIdentity {
  provider: 'google';
  /** The provider's own, lasting id of the account. */
  subject: string;
  userId: string;
  email: string;
  linkedAt: Date;
}

export const ExternalIdentityEntity = new EntitySchema<ExternalIdentity>({
  name: 'ExternalIdentity',
  tableName: 'external_identities',
  columns: {
    provider: { type: 'text', primary: true },
    subject: { type: 'text', primary: true },
    userId: { type: 'uuid' },
    email: { type: 'text' },
    linkedAt: { type: 'timestamptz' },
  },
});
