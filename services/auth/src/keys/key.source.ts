import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createLogger, newId, openDatabase, readConfig, recordAudit } from '@atrium/service-kit';
import { AuthConfig } from '../config.ts';
import { createKeySeal, derivedKey, type KeySeal } from './key.seal.ts';
import { createKeyService } from './key.service.ts';
import { createKeyStore } from './key.store.ts';

export const newSigningKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** What encrypts the stored keys, from the settings. */
export const keySealOf = (config: Pick<AuthConfig, 'JWT_PRIVATE_KEY' | 'KEY_ENCRYPTION_KEYS'>): KeySeal =>
  createKeySeal(new Map([[0, derivedKey(config.JWT_PRIVATE_KEY)], ...config.KEY_ENCRYPTION_KEYS]));

/** Makes the next signing key, from outside of a running auth. @returns what to tell the operator */
export const rotateKeys = async (env: NodeJS.ProcessEnv): Promise<string> => {
  const config = readConfig(AuthConfig, env);
  const log = createLogger({ service: 'auth', level: config.LOG_LEVEL, file: config.LOG_FILE });
  const db = await openDatabase({ url: config.DATABASE_URL, schema: 'auth', pool: 2, entities: [], log });
  try {
    const { kid, activatesAt } = await db.transaction(async (manager) => {
      const keys = createKeyStore(manager, keySealOf(config));
      const rotated = await createKeyService({ keys, now: () => new Date(), generate: newSigningKey }).rotate();
      await recordAudit(manager, { operation: 'rotateKeys', requestId: newId(), target: rotated.kid });
      return rotated;
    });
    return `key ${kid} signs from ${activatesAt.toISOString()}; the old ones are honoured until their tokens expire`;
  } finally {
    await db.destroy();
  }
};
