import { EntitySchema } from 'typeorm';

/**
 * Why a session ended before its time: its user left, a token came back twice, its user may no longer enter, newer
 * sessions took its place, or the password was changed.
 */
export type RevokedReason = 'logout' | 'reuse' | 'access_lost' | 'limit' | 'password';

/** One signed-in device of a user, in one workspace. */
export interface Session {
  id: string;
  userId: string;
  workspaceId: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  revokedReason: RevokedReason | null;
  userAgent: string | null;
  ip: string | null;
}

export const SessionEntity = new EntitySchema<Session>({
  name: 'Session',
  tableName: 'sessions',
  columns: {
    id: { type: 'uuid', primary: true },
    userId: { type: 'uuid' },
    workspaceId: { type: 'uuid' },
    createdAt: { type: 'timestamptz' },
    lastSeenAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    revokedAt: { type: 'timestamptz', nullable: true },
    revokedReason: { type: 'text', nullable: true },
    userAgent: { type: 'text', nullable: true },
    ip: { type: 'inet', nullable: true },
  },
});

/** One link of a session's chain of refresh tokens; the token itself is not stored. */
export interface RefreshToken {
  /** SHA-256 of the token. */
  hash: Buffer;
  sessionId: string;
  parentHash: Buffer | null;
  issuedAt: Date;
  expiresAt: Date;
  spentAt: Date | null;
  /** The next token, readable only with this one. */
  sealedSuccessor: Buffer | null;
}

export const RefreshTokenEntity = new EntitySchema<RefreshToken>({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  columns: {
    hash: { type: 'bytea', primary: true },
    sessionId: { type: 'uuid' },
    parentHash: { type: 'bytea', nullable: true },
    issuedAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    spentAt: { type: 'timestamptz', nullable: true },
    sealedSuccessor: { type: 'bytea', nullable: true },
  },
});
