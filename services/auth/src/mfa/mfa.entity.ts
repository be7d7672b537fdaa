import { EntitySchema } from 'typeorm';

/** The authenticator app of a user; without `confirmedAt` it was never shown to work, and asks for nothing. */
export interface TotpFactor {
  userId: string;
  sealedSecret: Buffer;
  /** The step of the last accepted code, in Postgres' words for a bigint. */
  lastStep: string;
  confirmedAt: Date | null;
  createdAt: Date;
}

export const TotpFactorEntity = new EntitySchema<TotpFactor>({
  name: 'TotpFactor',
  tableName: 'totp_factors',
  columns: {
    userId: { type: 'uuid', primary: true },
    sealedSecret: { type: 'bytea' },
    lastStep: { type: 'bigint' },
    confirmedAt: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
});

/** One way in without the app, good once. */
export interface RecoveryCode {
  userId: string;
  hash: Buffer;
  usedAt: Date | null;
}

export const RecoveryCodeEntity = new EntitySchema<RecoveryCode>({
  name: 'RecoveryCode',
  tableName: 'recovery_codes',
  columns: {
    userId: { type: 'uuid', primary: true },
    hash: { type: 'bytea', primary: true },
    usedAt: { type: 'timestamptz', nullable: true },
  },
});

/** When a session's person last proved who they are, after signing in. */
export interface SessionProof {
  sessionId: string;
  provenAt: Date;
}

export const SessionProofEntity = new EntitySchema<SessionProof>({
  name: 'SessionProof',
  tableName: 'session_proofs',
  columns: { sessionId: { type: 'uuid', primary: true }, provenAt: { type: 'timestamptz' } },
});
