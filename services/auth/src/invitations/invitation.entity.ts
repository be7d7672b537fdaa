import type { Role } from '@atrium/contracts';
import { EntitySchema } from 'typeorm';

/** Somebody is asked to come into a workspace; no token is stored. */
export interface Invitation {
  id: string;
  workspaceId: string;
  /** Lower case. */
  email: string;
  role: Role;
  /** SHA-256 of the token that the inviter got. */
  tokenHash: Buffer;
  /** SHA-256 of the token that was mailed; null until it was. */
  mailTokenHash: Buffer | null;
  invitedBy: string | null;
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
}

export const InvitationEntity = new EntitySchema<Invitation>({
  name: 'Invitation',
  tableName: 'invitations',
  columns: {
    id: { type: 'uuid', primary: true },
    workspaceId: { type: 'uuid' },
    email: { type: 'text' },
    role: { type: 'text' },
    tokenHash: { type: 'bytea' },
    mailTokenHash: { type: 'bytea', nullable: true },
    invitedBy: { type: 'uuid', nullable: true },
    createdAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    acceptedAt: { type: 'timestamptz', nullable: true },
    revokedAt: { type: 'timestamptz', nullable: true },
  },
});
