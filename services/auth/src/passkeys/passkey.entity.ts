import { EntitySchema } from 'typeorm';

/** A WebAuthn credential that signs a user in. */
export interface Passkey {
  id: string;
  userId: string;
  /** As the authenticator names it: base64url. */
  credentialId: string;
  /** COSE key (RFC 9052). */
  publicKey: Buffer;
  /** Signatures so far, by the authenticator's own count, in Postgres' words for a bigint; many never count. */
  counter: string;
  /** How the browser said it can be reached, such as `internal` or `usb`. */
  transports: string[];
  /** Whether it may leave the device it was made on, which never changes; and whether it has. */
  syncable: boolean;
  backedUp: boolean;
  /** The make of the authenticator; zeros when it does not say. */
  aaguid: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export const PasskeyEntity = new EntitySchema<Passkey>({
  name: 'Passkey',
  tableName: 'passkeys',
  columns: {
    id: { type: 'uuid', primary: true },
    userId: { type: 'uuid' },
    credentialId: { type: 'text' },
    publicKey: { type: 'bytea' },
    counter: { type: 'bigint' },
    transports: { type: 'text', array: true },
    syncable: { type: 'boolean' },
    backedUp: { type: 'boolean' },
    aaguid: { type: 'uuid' },
    name: { type: 'text' },
    createdAt: { type: 'timestamptz' },
    lastUsedAt: { type: 'timestamptz', nullable: true },
  },
});
