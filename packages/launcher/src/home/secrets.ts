import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { z } from 'zod';
import { readJson, writeJson } from './json.file.ts';

const Secrets = z.object({
  /** Names this installation; part of the name of data kept outside the home. */
  installation: z.string().min(8),
  postgresPassword: z.string().min(16),
  redisPassword: z.string().min(16),
  /** Password of each service's database role, by schema. */
  dbPasswords: z.record(z.string(), z.string().min(16)),
  /** Credential with which each service asks auth for delegated tokens, by service. */
  serviceSecrets: z.record(z.string(), z.string().min(16)),
  /** PEM, P-256; signs access tokens. */
  jwtPrivateKey: z.string().includes('PRIVATE KEY'),
  demoPassword: z.string().min(12),
});
export type Secrets = z.infer<typeof Secrets>;

const password = (): string => randomBytes(24).toString('base64url');

const generate = (): Secrets => ({
  installation: randomBytes(6).toString('hex'),
  postgresPassword: password(),
  redisPassword: password(),
  dbPasswords: {},
  serviceSecrets: {},
  jwtPrivateKey: generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
  demoPassword: randomBytes(12).toString('base64url'),
});

const withPasswords = (known: Record<string, string>, names: readonly string[]): Record<string, string> => ({
  ...known,
  ...Object.fromEntries(names.filter((name) => !known[name]).map((name) => [name, password()])),
});

/**
 * Reads the secrets, making what is missing; what exists never changes. The file is for its owner only (0600).
 * @param needs schemas and services that must have a password
 */
export const readSecrets = (
  file: string,
  needs: { schemas: readonly string[]; services: readonly string[] },
): Secrets => {
  const known = readJson(file, Secrets);
  if (known && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const base = known ?? generate();
  const secrets: Secrets = {
    ...base,
    dbPasswords: withPasswords(base.dbPasswords, needs.schemas),
    serviceSecrets: withPasswords(base.serviceSecrets, needs.services),
  };
  if (JSON.stringify(secrets) !== JSON.stringify(known)) writeJson(file, secrets);
  return secrets;
};
