import { EntitySchema } from 'typeorm';

/** A credential for programs: it stands for its owner in one workspace, limited to its scopes. */
export interface ApiKey {
  id: string;
  workspaceId: string;
  userId: string;
  name: string;
  /** SHA-256 of the key, which itself is not stored. */
  hash: Buffer;
  /** First and last characters, by which people recognise it. */
  prefix: string;
  lastFour: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** The key that took its place when it was rotated. */
  replacedBy: string | null;
}

export const ApiKeyEntity = new EntitySchema<ApiKey>({
  name: 'ApiKey',
  tableName: 'api_keys',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    userId: { type: 'uuid' },
    name: { type: 'text' },
    hash: { type: 'bytea' },
    prefix: { type: 'text' },
    lastFour: { type: 'text' },
    scopes: { type: 'text', array: true },
    createdAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    lastUsedAt: { type: 'timestamptz', nullable: true },
    revokedAt: { type: 'timestamptz', nullable: true },
    replacedBy: { type: 'uuid', nullable: true },
  },
});
