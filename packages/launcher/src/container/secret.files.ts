import type { Secrets } from '../home/secrets.ts';
import { dataKeyOf, ownDatabaseUrl } from '../roles.env.ts';
import type { Role } from '../roles.ts';

const ADMIN_URL = 'postgres://postgres@postgres:5432/atrium';

/** Passwords of what only containers have. */
export interface ContainerSecrets {
  readonly minioPassword: string;
  readonly s3AccessKey: string;
  readonly s3SecretKey: string;
}

const adminUrl = (password: string): string => {
  const url = new URL(ADMIN_URL);
  url.password = encodeURIComponent(password);
  return url.href;
};

const redisUrl = (password: string): string => `redis://:${encodeURIComponent(password)}@redis:6379`;

/** What a role may know, and nothing of the others. */
const filesOfRole = (role: Role, secrets: Secrets, stores: ContainerSecrets): Record<string, string> => ({
  redis_url: redisUrl(secrets.redisPassword),
  ...(role.schema
    ? {
        database_url: ownDatabaseUrl(ADMIN_URL, role.schema, secrets.dbPasswords[role.schema] ?? ''),
        service_secret: secrets.serviceSecrets[role.name] ?? '',
      }
    : {}),
  ...(role.needs.includes('jwt-key')
    ? { jwt_private_key: secrets.jwtPrivateKey, service_secrets: JSON.stringify(secrets.serviceSecrets) }
    : {}),
  ...(role.needs.includes('vault') ? { data_keys: dataKeyOf(role, secrets) } : {}),
  ...(role.needs.includes('blobs') ? { s3_access_key: stores.s3AccessKey, s3_secret_key: stores.s3SecretKey } : {}),
});

/**
 * The files of secrets, by the container that may read them: each mounts its own folder as `/run/secrets`.
 * @returns folder → file name → content
 */
export const secretFiles = (
  table: readonly Role[],
  secrets: Secrets,
  stores: ContainerSecrets,
): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  const minio = `export MINIO_ROOT_USER=atrium\nexport MINIO_ROOT_PASSWORD=${stores.minioPassword}\n`;
  return {
    ...Object.fromEntries(table.map((role) => [role.name, filesOfRole(role, secrets, stores)])),
    postgres: { password: secrets.postgresPassword },
    redis: { 'redis.conf': `requirepass ${secrets.redisPassword}\n` },
    minio: { 'config.env': minio },
    bucket: { 'config.env': minio, access_key: stores.s3AccessKey, secret_key: stores.s3SecretKey },
    migrate: { database_url: adminUrl(secrets.postgresPassword), db_passwords: JSON.stringify(secrets.dbPasswords) },
    operator: {
      database_url: adminUrl(secrets.postgresPassword),
      redis_url: redisUrl(secrets.redisPassword),
      s3_access_key: stores.s3AccessKey,
      s3_secret_key: stores.s3SecretKey,
    },
  };
};
