import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBlobsOf, type BlobStore } from '@atrium/document/blobs';
import { createTestDatabase, eventually, testPasswords, type TestDatabase } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openArchive } from '../../src/backup/archive.reader.ts';
import { sealBy } from '../../src/backup/archive.seal.ts';
import { restoreBackup } from '../../src/backup/restore.backup.ts';
import { takeBackup } from '../../src/backup/take.backup.ts';
import { migrateSchemas } from '../../src/platform/migrate.ts';
import { temporaryFolder } from '../temporary.ts';
import { signUp, startPlatformUnderTest, type Person, type PlatformUnderTest } from './platform.fixture.ts';

const PASSPHRASE = 'a passphrase for archives';
const schemas = ['auth', 'agent', 'document', 'billing', 'calendar'];
const folder = temporaryFolder();
const settings = {
  JWT_PRIVATE_KEY: generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey,
};
const blobsIn = (name: string): Promise<BlobStore> => {
  mkdirSync(path.join(folder.path, name), { recursive: true });
  return openBlobsOf({ BLOB_DIR: path.join(folder.path, name) });
};
const place = (name: string): string => path.join(folder.path, name);
let platform: PlatformUnderTest;
let people: Person[];
let target: TestDatabase;

const upload = async (person: Person, at: string, name: string): Promise<string> => {
  const form = new FormData();
  form.set('file', new Blob([`# ${name}\n\n${'The kettle is blue. '.repeat(200)}`]), `${name}.md`);
  return String((await person.call('POST', `${at}/api/v1/documents`, form)).json['id']);
};

/** Somebody who writes without pause until told to stop: documents, conversations with costs, calendar. */
const write = async (person: Person, at: string, signal: AbortSignal): Promise<number> => {
  let count = 0;
  for (; !signal.aborted; count += 1) {
    const document = await upload(person, at, `load-${count}`);
    const conversation = (await person.call('POST', `${at}/api/v1/conversations`, {})).json['id'] as string;
    await person.call('POST', `${at}/api/v1/conversations/${conversation}/messages`, { text: 'What is blue?' });
    if (count % 3 === 2) await person.call('DELETE', `${at}/api/v1/documents/${document}`);
  }
  return count;
};

const backUp = async (name: string, blobs: BlobStore) =>
  takeBackup({
    adminUrl: platform.database.adminUrl,
    schemas,
    blobs,
    target: place(name),
    seal: sealBy(PASSPHRASE),
    secrets: '{"kept":"with it"}',
    say: () => undefined,
  });

const restore = async (name: string, blobs: BlobStore, replace = false) => {
  const archive = await openArchive(place(name), PASSPHRASE);
  const passwords = testPasswords(schemas);
  return restoreBackup({
    archive,
    adminUrl: target.adminUrl,
    definitions: platform.definitions,
    migrate: (adminUrl, only) => migrateSchemas({ adminUrl, definitions: platform.definitions, passwords, only }),
    blobs,
    replace,
    say: () => undefined,
  }).finally(() => archive.close());
};

beforeAll(async () => {
  platform = await startPlatformUnderTest({ ...settings, BLOB_DIR: place('blobs') });
  people = await Promise.all(['ana', 'bia'].map((name) => signUp(platform.gateway, name)));
  target = await createTestDatabase([]);
}, 180_000);
afterAll(async () => {
  await platform.close();
  await target.query(`select 1`).catch(() => undefined);
  await target.drop();
  folder[Symbol.dispose]();
}, 180_000);

describe('a backup taken while people write', () => {
  it('is one moment of everything, and somebody restored from it signs in with the old password', async () => {
    const stop = new AbortController();
    const writing = people.map((person) => write(person, platform.gateway, stop.signal));
    await eventually(async () => {
      const rows = await platform.database.query(`select 1 from billing.postings`);
      return rows.length > 20;
    }, 180_000);
    const manifest = await backUp('archive', await blobsIn('blobs'));
    await sleep(300);
    stop.abort();
    const counts = await Promise.all(writing);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(manifest.blobs).toMatchObject({ missing: [], damaged: [] });
    expect(manifest.books.ledger).toEqual([expect.objectContaining({ currency: 'USD', total: '0' })]);
    expect(manifest.blobs.count).toBeGreaterThan(0);

    const elsewhere = await blobsIn('elsewhere');
    const report = await restore('archive', elsewhere);
    expect(report).toMatchObject({ former: undefined, migrated: [], files: manifest.blobs.count });
    const versions = await target.query<{ key: string; sha256: string }>(
      `select v.blob_key as key, v.sha256 from document.versions v join document.documents d on d.id = v.document_id
       where d.deleted_at is null`,
    );
    expect(versions.length).toBeGreaterThan(0);
    for (const { key, sha256 } of versions) {
      const bytes = readFileSync(path.join(place('elsewhere'), key));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }

    const restored = await startPlatformUnderTest({ ...settings, BLOB_DIR: place('elsewhere') }, {}, target);
    try {
      const [ana] = people;
      const signedIn = await fetch(`${restored.gateway}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          email: ana?.user.email,
          password: 'a long pass phrase',
        }),
      });
      expect(signedIn.status).toBe(200);
      const { accessToken } = (await signedIn.json()) as { accessToken: string };
      const read = async (what: string): Promise<Record<string, unknown>> => {
        const answer = await fetch(`${restored.gateway}/api/v1${what}`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        return (await answer.json()) as Record<string, unknown>;
      };
      expect(await read('/billing/trial-balance')).toMatchObject({ balanced: true, total: 0 });
      // What was under way at that moment is carried on: the outbox empties, runs end.
      await eventually(async () => (await target.query(`select 1 from billing.outbox`)).length === 0, 45_000);
      await eventually(
        async () => (await target.query(`select 1 from agent.runs where state in ('queued', 'running')`)).length === 0,
        45_000,
      );
    } finally {
      target = { ...target, drop: () => Promise.resolve() };
      await restored.close();
    }
  }, 120_000);
});

describe('a restore', () => {
  beforeAll(async () => {
    target = await createTestDatabase([]);
  });

  it('leaves what is there alone unless told to replace it, and keeps it then', async () => {
    const blobs = await blobsIn('again');
    await restore('archive', blobs);
    await expect(restore('archive', blobs)).rejects.toThrow('is not empty');
    const { former } = await restore('archive', blobs, true);
    expect(former).toMatch(/_before_\d{8}t\d{6}$/);
    await target.query(`drop database "${former ?? ''}"`);
    await target.query(`update auth.users set name = 'After the backup'`);
    await expect(restore('archive', blobs, true)).rejects.toThrow('Somebody is connected');
  }, 180_000);

  it('changes nothing when a part of the backup is not as it was written', async () => {
    const [file] = readdirSync(place('archive/tables')).filter((name) => name.startsWith('auth.users'));
    const victim = path.join(place('archive/tables'), file ?? '');
    const bytes = readFileSync(victim);
    const wrong = Buffer.from(bytes);
    wrong[20] = (wrong[20] ?? 0) ^ 1;
    writeFileSync(victim, wrong);
    await expect(restore('archive', await blobsIn('never'), true)).rejects.toThrow('auth.users');
    expect(await target.query(`select distinct name from auth.users`)).toEqual([{ name: 'After the backup' }]);
    writeFileSync(victim, bytes);
  }, 180_000);

  it('wants the right passphrase', async () => {
    await expect(openArchive(place('archive'), 'not the passphrase')).rejects.toThrow('passphrase');
    await expect(openArchive(place('archive'), undefined)).rejects.toThrow('is encrypted');
  });
});
