import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commit, driftOf } from '../src/checks/committed.ts';
import { LauncherError, explain } from '../src/failure.ts';
import { claimRun, readRun, readServing } from '../src/home/run.file.ts';
import { readSecrets } from '../src/home/secrets.ts';
import { refer } from '../src/process/process.ts';
import { temporaryFolder } from './temporary.ts';

const needs = { schemas: ['auth', 'billing'], services: ['auth'] };

describe('secrets', () => {
  it('are made once, for their owner only', () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'secrets.json');
    const first = readSecrets(file, needs);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readSecrets(file, needs)).toEqual(first);
    expect(new Set(Object.values(first.dbPasswords)).size).toBe(2);
  });

  it('grow with new services and keep what they had', () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'secrets.json');
    const first = readSecrets(file, needs);
    const later = readSecrets(file, { schemas: ['auth', 'calendar'], services: ['auth', 'calendar'] });
    expect(later.dbPasswords).toMatchObject(first.dbPasswords);
    expect(later.serviceSecrets.calendar).toMatch(/^\S{20,}$/);
    expect(later.jwtPrivateKey).toBe(first.jwtPrivateKey);
  });

  it('are closed again when somebody opened them', () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'secrets.json');
    readSecrets(file, needs);
    chmodSync(file, 0o644);
    readSecrets(file, needs);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('say so when the file is damaged, and leave it alone', () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'secrets.json');
    writeFileSync(file, '{"half":');
    expect(() => readSecrets(file, needs)).toThrow(`${file} is damaged`);
    expect(readFileSync(file, 'utf8')).toBe('{"half":');
  });
});

describe('the claim on a home', () => {
  const now = new Date('2026-01-02T03:04:05Z');

  it('is refused while a living process has it', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'run.json');
    const claim = await claimRun(file, now);
    claim.update({ state: 'ready', urls: { gateway: 'http://127.0.0.1:8000' } });
    await expect(claimRun(file, now)).rejects.toThrow(`pid ${process.pid}, ready`);
    claim.release();
    expect(existsSync(file)).toBe(false);
  });

  it('passes from a dead process, even when its number lives again', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'run.json');
    const dead = { process: { pid: process.pid, began: 'long ago' }, state: 'ready', startedAt: now, urls: {} };
    writeFileSync(file, JSON.stringify(dead));
    expect(readRun(file)).toBeUndefined();
    const claim = await claimRun(file, now);
    expect(readRun(file)?.process).toEqual(refer(process.pid));
    claim.release();
  });

  it('is waited for while it starts, and given up when it ends instead', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'run.json');
    const told: string[] = [];
    const serving = () => readServing(file, ({ state }) => void told.push(state));
    expect(await serving()).toBeUndefined();
    const claim = await claimRun(file, now);
    const [first, second] = [serving(), serving()];
    claim.update({ state: 'ready', urls: { gateway: 'http://127.0.0.1:8000' } });
    expect([(await first)?.urls, (await second)?.state]).toEqual([{ gateway: 'http://127.0.0.1:8000' }, 'ready']);
    claim.update({ state: 'stopping' });
    const gone = serving();
    claim.release();
    expect(await gone).toBeUndefined();
    expect(told).toEqual(['starting', 'starting', 'stopping']);
  });

  it('goes to one of several that try at once', async () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'run.json');
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => claimRun(file, now)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('system errors', () => {
  it.each(['ENOSPC', 'EROFS', 'EACCES'])('%s becomes a sentence with something to do', (code) => {
    const error = explain(Object.assign(new Error(code), { code, path: '/data' }));
    expect(error).toBeInstanceOf(LauncherError);
    expect(error instanceof LauncherError && error.advice).toMatch(/ATRIUM_HOME/);
  });

  it('leaves others as they are', () => {
    const error = new TypeError('a mistake in the code');
    expect(explain(error)).toBe(error);
  });
});

describe('committed contracts', () => {
  it('are compared by content', () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, 'deep', 'openapi.json');
    expect(driftOf(file, { a: 1 })).toBe('missing');
    commit(file, { a: 1, b: undefined });
    expect(driftOf(file, { a: 1 })).toBe('same');
    writeFileSync(file, '{"a":1}');
    expect(driftOf(file, { a: 1 })).toBe('same');
    expect(driftOf(file, { a: 2 })).toBe('different');
  });
});
