import { generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import {
  createLogger,
  createVault,
  newId,
  openDatabase,
  readConfig,
  recordAudit,
  type Vault,
} from '@atrium/service-kit';
import { AuthConfig } from '../config.ts';
import { createKeyService } from './key.service.ts';
import { createKeyStore } from './key.store.ts';

export const newSigningKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** Made of `JWT_PRIVATE_KEY`, so that an installation without DATA_KEYS needs no other secret. */
const derivedKey = (privateKey: KeyObject): Buffer =>
  Buffer.from(hkdfSync('sha256', privateKey.export({ type: 'pkcs8', format: 'der' }), '', 'atrium signing keys', 32));

/** What encrypts the stored keys: the newest of DATA_KEYS, or the derived key, which is version 0, where there are none. */
export const keyVaultOf = (config: Pick<AuthConfig, 'JWT_PRIVATE_KEY' | 'DATA_KEYS'>): Vault =>
  createVault(new Map([...(config.DATA_KEYS ?? []), [0, derivedKey(config.JWT_PRIVATE_KEY)]]));

/** Makes the next signing key, from outside of a running auth. @returns what to tell the operator */
export const rotateKeys = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const config = readConfig(AuthConfig, env);
  const log = createLogger({ service: 'auth', level: config.LOG_LEVEL, file: config.LOG_FILE });
  const db = await openDatabase({ url: config.DATABASE_URL, schema: 'auth', pool: 2, entities: [], log });
  try {
    const { kid, activatesAt } = await db.transaction(async (manager) => {
      const keys = createKeyStore(manager, keyVaultOf(config));
      const rotated = await createKeyService({ keys, now: () => new Date(), generate: newSigningKey }).rotate();
      await recordAudit(manager, { operation: 'rotateKeys', requestId: newId(), target: rotated.kid });
      return rotated;
    });
    return `key ${kid} signs from ${activatesAt.toISOString()}; the old ones are honoured until their tokens expire`;
  } finally {
    await db.destroy();
  }
};
