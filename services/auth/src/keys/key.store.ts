import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Vault } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Jwk, signingKeyOf, type SigningKey } from '../tokens/key.ring.ts';

const Row = z.object({
  kid: z.string(),
  publicKey: Jwk,
  sealed: z.instanceof(Buffer),
  activatesAt: z.date(),
  retiresAt: z.date().nullable(),
});

const placeOf = (kid: string): string => `signing_keys:${kid}`;

/** The table of signing keys; it has no tenant. */
export const createKeyStore = (manager: Pick<EntityManager, 'query'>, vault: Vault) => {
  /** Undefined when the key it was sealed with is gone, or the bytes are not what was sealed for this row. */
  const open = (kid: string, sealed: Buffer): KeyObject | undefined => {
    try {
      return createPrivateKey(vault.open(sealed, placeOf(kid)));
    } catch {
      return undefined;
    }
  };
  const read = (row: unknown): SigningKey => {
    const { kid, publicKey: jwk, sealed, activatesAt, retiresAt } = Row.parse(row);
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return { jwk, publicKey, privateKey: open(kid, sealed), activatesAt, retiresAt };
  };
  return {
    /** One at a time decides which keys there are. */
    async lock(): Promise<void> {
      await manager.query(`select pg_advisory_xact_lock(hashtextextended('auth.signing_keys', 0))`);
    },
    async list(): Promise<SigningKey[]> {
      const rows: unknown[] = await manager.query(
        `select kid, public_key as "publicKey", sealed_private_key as sealed,
           activates_at as "activatesAt", retires_at as "retiresAt"
         from signing_keys order by activates_at`,
      );
      return rows.map(read);
    },
    async add(privateKey: KeyObject, now: Date, activatesAt: Date): Promise<SigningKey> {
      const key = signingKeyOf(privateKey, activatesAt);
      const { kid } = key.jwk;
      const sealed = vault.seal(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), placeOf(kid));
      await manager.query(
        `insert into signing_keys (kid, public_key, sealed_private_key, created_at, activates_at)
         values ($1, $2, $3, $4, $5)
         on conflict (kid) do update
           set sealed_private_key = excluded.sealed_private_key, activates_at = excluded.activates_at,
             retires_at = null`,
        [kid, JSON.stringify(key.jwk), sealed, now, activatesAt],
      );
      return key;
    },
    async retireAll(at: Date): Promise<void> {
      await manager.query(`update signing_keys set retires_at = $1 where retires_at is null`, [at]);
    },
    async forgetRetired(now: Date): Promise<void> {
      await manager.query(`delete from signing_keys where retires_at <= $1`, [now]);
    },
  };
};
export type KeyStore = ReturnType<typeof createKeyStore>;
