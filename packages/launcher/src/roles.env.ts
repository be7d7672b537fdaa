import { hkdfSync } from 'node:crypto';
import type { LauncherConfig } from './config.ts';
import type { Backing } from './embedded/backing.ts';
import type { Home } from './home/home.ts';
import type { Secrets } from './home/secrets.ts';
import type { Role, RoleNeed } from './roles.ts';

const names: Record<RoleNeed | 'launcher', readonly string[]> = {
  launcher: ['DATABASE_URL', 'DB_PASSWORDS', 'REDIS_URL', 'SERVICE_SECRET', 'SERVICE_SECRETS', 'PORT', 'HOST'],
  'jwt-key': ['JWT_PRIVATE_KEY'],
  blobs: ['S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_BUCKET', 'BLOB_DIR'],
  models: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'EMBEDDING_MODEL'],
  mail: ['SMTP_URL', 'MAIL_FROM', 'MAIL_DIR'],
  vault: ['DATA_KEYS'],
  google: ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  payments: ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS', 'STRIPE_API_URL'],
};

/** Names that a role must not inherit from the operator: the launcher's own, and secrets of other roles. */
const hiddenFrom = (role: Role): Set<string> => {
  const hidden = Object.entries(names).flatMap(([need, list]) => (role.needs.some((own) => own === need) ? [] : list));
  return new Set(hidden.flatMap((name) => [name, `${name}_FILE`]));
};

/** The admin connection with a service's own role and password instead. */
export const ownDatabaseUrl = (adminUrl: string, schema: string, password: string): string => {
  const url = new URL(adminUrl);
  url.username = `atrium_${schema}`;
  url.password = encodeURIComponent(password);
  return url.href;
};

/** The key that a role encrypts with: one of its own for each, made of what this installation keeps for good. */
export const dataKeyOf = ({ name }: Pick<Role, 'name'>, { postgresPassword }: Secrets): string =>
  `1:${Buffer.from(hkdfSync('sha256', postgresPassword, '', `data keys of ${name}`, 32)).toString('base64')}`;

/** The port of a role. */
export const portOf = (role: Role, portBase: number): number => portBase + role.offset;

/** Where the other roles find it. */
export const urlOf = (role: Role, portBase: number): string => `http://127.0.0.1:${portOf(role, portBase)}`;

/** Whether the operator set a name, directly or as a file. */
const given = (env: NodeJS.ProcessEnv, name: string): boolean => Boolean(env[name] || env[`${name}_FILE`]);

/** Whether mails go to a server; otherwise they are written to a folder. */
export const sendsMail = (env: NodeJS.ProcessEnv): boolean => given(env, 'SMTP_URL');

/** Whether people pay by card; otherwise administrators enter what was paid. */
export const takesCards = (env: NodeJS.ProcessEnv): boolean => given(env, 'STRIPE_SECRET_KEY');

/** Which model providers the operator set up; `builtin` when none. */
export const providersIn = (env: NodeJS.ProcessEnv): string[] => {
  const found = [
    ...(given(env, 'OPENAI_API_KEY') || given(env, 'OPENAI_BASE_URL') ? ['openai'] : []),
    ...(given(env, 'ANTHROPIC_API_KEY') || given(env, 'ANTHROPIC_BASE_URL') ? ['anthropic'] : []),
  ];
  return found.length > 0 ? found : ['builtin'];
};

export interface RoleEnvOptions {
  readonly config: LauncherConfig;
  readonly home: Home;
  readonly secrets: Secrets;
  readonly backing: Pick<Backing, 'adminUrl' | 'redisUrl'>;
  readonly table: readonly Role[];
}

/**
 * The environment one role gets, as in a container of its own: its own port, database role and credential, the
 * addresses of the others, and what the operator set, without the secrets of other roles.
 */
export const roleEnv = (role: Role, { config, home, secrets, backing, table }: RoleEnvOptions): NodeJS.ProcessEnv => {
  const hidden = hiddenFrom(role);
  const inherited = Object.fromEntries(Object.entries(config.env).filter(([name]) => !hidden.has(name)));
  const fallback = (name: string, value: string): NodeJS.ProcessEnv =>
    given(config.env, name) ? {} : { [name]: value };
  const serviceSecrets = { ...secrets.serviceSecrets, ...config.serviceSecrets };
  const env: NodeJS.ProcessEnv = {
    ...inherited,
    PORT: String(portOf(role, config.portBase)),
    HOST: role.name === 'gateway' ? config.host : '127.0.0.1',
    REDIS_URL: backing.redisUrl,
    ...fallback('LOG_LEVEL', 'info'),
    ...fallback('LOG_FILE', home.logFile),
  };
  for (const other of table) {
    if (other.urlSetting) Object.assign(env, fallback(other.urlSetting, urlOf(other, config.portBase)));
  }
  if (role.schema) {
    const password = config.dbPasswords?.[role.schema] ?? secrets.dbPasswords[role.schema] ?? '';
    env.DATABASE_URL = ownDatabaseUrl(backing.adminUrl, role.schema, password);
    env.SERVICE_SECRET = serviceSecrets[role.name] ?? '';
  }
  if (role.needs.includes('vault')) Object.assign(env, fallback('DATA_KEYS', dataKeyOf(role, secrets)));
  if (role.needs.includes('jwt-key')) {
    Object.assign(env, fallback('JWT_PRIVATE_KEY', secrets.jwtPrivateKey));
    env.SERVICE_SECRETS = JSON.stringify(serviceSecrets);
  }
  if (role.needs.includes('blobs') && !given(config.env, 'S3_ENDPOINT')) {
    Object.assign(env, fallback('BLOB_DIR', home.blobsDir));
  }
  if (role.needs.includes('mail')) {
    Object.assign(env, fallback('MAIL_DIR', home.mailDir));
    Object.assign(env, fallback('APP_URL', `http://127.0.0.1:${config.portBase}`));
  }
  return env;
};
