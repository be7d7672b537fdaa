import { describe, expect, it } from '@jest/globals';
import { readLauncherConfig } from './config.ts';
import { homeAt } from './home/home.ts';
import { providersIn, roleEnv, sendsMail } from './roles.env.ts';
import { roles } from './roles.ts';

const secrets = {
  installation: 'feedfacecafe',
  postgresPassword: 'superuser-password-0',
  redisPassword: 'redis-password-00000',
  dbPasswords: { auth: 'auth-db-password', document: 'document/db?password', agent: 'agent-db-password' },
  serviceSecrets: { auth: 'auth-secret-0000', document: 'document-secret-0', 'agent-orchestrator': 'agent-secret-000' },
  jwtPrivateKey: '-----BEGIN PRIVATE KEY-----',
  demoPassword: 'demo-password',
};
const backing = {
  adminUrl: 'postgres://postgres:superuser-password-0@127.0.0.1:5555/atrium?sslmode=disable',
  redisUrl: 'redis://:redis-password-00000@127.0.0.1:6666/0',
};

const envOf = (name: string, operator: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const role = roles.find((candidate) => candidate.name === name);
  if (!role) throw new Error(`no role ${name}`);
  const config = readLauncherConfig({ ATRIUM_HOME: '/data', ...operator });
  return roleEnv(role, { config, home: homeAt('/data'), secrets, backing, table: roles });
};

describe('roleEnv', () => {
  it('gives a service its own port, database role and credential', () => {
    const env = envOf('document', { ATRIUM_PORT_BASE: '9000' });
    const url = new URL(env.DATABASE_URL ?? '');
    expect(env.PORT).toBe('9003');
    expect(url.username).toBe('atrium_document');
    expect(decodeURIComponent(url.password)).toBe('document/db?password');
    expect(url.host + url.pathname + url.search).toBe('127.0.0.1:5555/atrium?sslmode=disable');
    expect(env.SERVICE_SECRET).toBe('document-secret-0');
    expect(env.BLOB_DIR).toBe('/data/blobs');
    expect(env.AUTH_URL).toBe('http://127.0.0.1:9001');
    expect(env.LOG_FILE).toBe('/data/logs/atrium.log');
  });

  it('never shows a role the admin connection or the secrets of others', () => {
    const operator = {
      DATABASE_URL: backing.adminUrl,
      OPENAI_API_KEY: 'sk-key',
      OPENAI_API_KEY_FILE: '/run/openai',
      S3_SECRET_KEY: 's3-secret',
      JWT_PRIVATE_KEY: 'own-key',
    };
    for (const { name } of roles) expect(JSON.stringify(envOf(name, operator))).not.toContain('superuser-password');
    const gateway = envOf('gateway', operator);
    expect(Object.keys(gateway)).not.toEqual(expect.arrayContaining(['DATABASE_URL']));
    expect(gateway.SERVICE_SECRET).toBeUndefined();
    expect(JSON.stringify(gateway)).not.toMatch(/sk-key|s3-secret|own-key|openai/);
    expect(envOf('auth', operator).JWT_PRIVATE_KEY).toBe('own-key');
    expect(envOf('auth', operator).OPENAI_API_KEY).toBeUndefined();
    expect(envOf('agent-orchestrator', operator).OPENAI_API_KEY).toBe('sk-key');
  });

  it('gives mails to auth alone, and a folder for them without a server', () => {
    const operator = { SMTP_URL: 'smtp://user:mail-secret@mail.example.com' };
    expect(envOf('auth').MAIL_DIR).toBe('/data/mail');
    expect(envOf('auth', operator).SMTP_URL).toBe(operator.SMTP_URL);
    expect(JSON.stringify(envOf('document', operator))).not.toContain('mail-secret');
    expect(sendsMail(operator)).toBe(true);
    expect(sendsMail({ SMTP_URL_FILE: '/run/smtp' })).toBe(true);
    expect(sendsMail({})).toBe(false);
  });

  it('lets auth know every credential and sign tokens', () => {
    const env = envOf('auth');
    expect(JSON.parse(env.SERVICE_SECRETS ?? '')).toEqual(secrets.serviceSecrets);
    expect(env.JWT_PRIVATE_KEY).toBe(secrets.jwtPrivateKey);
  });

  it('prefers what the operator set', () => {
    const operator = {
      DOCUMENT_URL: 'http://documents:80',
      LOG_LEVEL: 'debug',
      DB_PASSWORDS: '{"auth":"chosen-password"}',
    };
    const env = envOf('auth', operator);
    expect(env).toMatchObject({ DOCUMENT_URL: 'http://documents:80', LOG_LEVEL: 'debug' });
    expect(new URL(env.DATABASE_URL ?? '').password).toBe('chosen-password');
    const withSecrets = envOf('document', { SERVICE_SECRETS: '{"document":"chosen-secret-000"}' });
    expect(withSecrets.SERVICE_SECRET).toBe('chosen-secret-000');
    expect(withSecrets.SERVICE_SECRETS).toBeUndefined();
  });

  it('keeps files in a folder only when there is no object store', () => {
    const env = envOf('document', { S3_ENDPOINT: 'http://minio:9000' });
    expect(env.S3_ENDPOINT).toBe('http://minio:9000');
    expect(env.BLOB_DIR).toBeUndefined();
  });

  it('opens the gateway alone to other machines', () => {
    expect(envOf('gateway', { ATRIUM_HOST: '0.0.0.0', HOST: 'my-shell' }).HOST).toBe('0.0.0.0');
    expect(envOf('auth', { ATRIUM_HOST: '0.0.0.0', HOST: 'my-shell' }).HOST).toBe('127.0.0.1');
  });
});

describe('providersIn', () => {
  it('is the built-in one without keys', () => {
    expect(providersIn({})).toEqual(['builtin']);
    expect(providersIn({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', ANTHROPIC_API_KEY_FILE: '/k' })).toEqual([
      'openai',
      'anthropic',
    ]);
  });
});
