import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { service } from '@atrium/auth';
import { createTestDatabase, testPasswords, type TestDatabase } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from './temporary.ts';

const program = path.join(import.meta.dirname, '..', 'src', 'main.ts');
const { privateKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase([service]);
});
afterAll(() => database.drop());

const atrium = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
  using folder = temporaryFolder();
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.adminUrl,
      DB_PASSWORDS: JSON.stringify(testPasswords(['auth'])),
      JWT_PRIVATE_KEY: privateKey,
      LOG_LEVEL: 'silent',
      ATRIUM_HOME: folder.path,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
};

describe('keys rotate', () => {
  it('makes the next key, and the last one retire', async () => {
    const first = await atrium('keys', 'rotate');
    expect(first).toMatchObject({ code: 0, said: expect.stringMatching(/^key [\w-]{43} signs from /) });
    expect((await atrium('keys', 'rotate')).code).toBe(0);
    const rows = await database.query(`select retires_at is null as newest from auth.signing_keys order by created_at`);
    expect(rows).toEqual([{ newest: false }, { newest: true }]);
  });

  it('says how it is written', async () => {
    expect(await atrium('keys', 'turn')).toMatchObject({
      code: 1,
      said: expect.stringContaining('./atrium keys rotate'),
    });
  });
});

describe('audit verify', () => {
  it('ends well while the chain holds, and names the first break when it does not', async () => {
    await Promise.all([atrium('keys', 'rotate'), atrium('keys', 'rotate')]);
    const whole = await atrium('audit', 'verify');
    expect(whole).toMatchObject({ code: 0, said: expect.stringMatching(/^\d+ records in 1 chains hold/) });
    await database.query(`alter table auth.audit_log disable trigger user`);
    await database.query(`update auth.audit_log set target = 'another' where sequence = 2`);
    const broken = await atrium('audit', 'verify');
    expect(broken.code).toBe(1);
    expect(broken.said).toMatch(/BROKEN {2}auth, workspace [0-9-]+: record 2 was changed \(changed\)/);
  });
});
