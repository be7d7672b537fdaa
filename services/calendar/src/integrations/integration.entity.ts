import { EntitySchema } from 'typeorm';

/** Somebody's calendar elsewhere. */
export interface Integration {
  id: string;
  workspaceId: string;
  userId: string;
  provider: 'google';
  subject: string;
  account: string;
  scopes: string[];
  sealedToken: Buffer;
  connectedAt: Date;
}

export const IntegrationEntity = new EntitySchema<Integration>({
  name: 'Integration',
  tableName: 'integrations',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    userId: { type: 'uuid' },
    provider: { type: 'text' },
    subject: { type: 'text' },
    account: { type: 'text' },
    scopes: { type: 'text', array: true },
    sealedToken: { type: 'bytea' },
    connectedAt: { type: 'timestamptz' },
  },
});
