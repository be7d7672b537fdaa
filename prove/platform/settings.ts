import { generateKeyPairSync, randomBytes } from 'node:crypto';

const pem = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;

/** What every role of the platform under attack is set up with; nobody else has these keys. */
export const commonSettings = (parts: { services: readonly string[]; folder: string }) => {
  const secrets: Record<string, string> = Object.fromEntries(
    parts.services.map((name) => [name, randomBytes(24).toString('base64url')]),
  );
  const privateKey = pem();
  return {
    secrets,
    privateKey,
    env: {
      LOG_LEVEL: 'silent',
      DATABASE_POOL: '4',
      BLOB_DIR: `${parts.folder}/blobs`,
      MAIL_DIR: `${parts.folder}/mail`,
      JWT_PRIVATE_KEY: privateKey,
      DATA_KEYS: `1:${randomBytes(32).toString('base64')}`,
      SERVICE_SECRETS: JSON.stringify(secrets),
      // All attacks come from one address. What limits it is attacked by itself, with limits as they are delivered.
      RATE_LIMIT_STRICT: '0',
      RATE_LIMIT_ANONYMOUS: '0',
      RATE_LIMIT_USER: '0',
      LOGIN_ATTEMPTS_PER_ADDRESS: '1000000',
      MAILS_PER_ADDRESS: '100000',
      REGISTRATIONS_PER_ADDRESS: '1000000',
      PUBLIC_CALLS_PER_ADDRESS: '1000000',
    } satisfies NodeJS.ProcessEnv,
  };
};
