import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, flag, readConfig } from './config.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'atrium-config-'));
afterAll(() => rmSync(dir, { recursive: true }));
const Schema = z.object({ PORT: z.coerce.number().int(), SECRET: z.string().min(4), VERBOSE: flag(false) });

describe('readConfig', () => {
  it('names every problem at once', () => {
    const read = () => readConfig(Schema, { PORT: 'x', SECRET: 'ab', VERBOSE: 'maybe' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/3 problem\(s\)[\s\S]*PORT[\s\S]*SECRET[\s\S]*VERBOSE/);
  });

  it('reads a secret from a file, and prefers the value when both are there', () => {
    const file = path.join(dir, 'secret');
    writeFileSync(file, 'from a file\n');
    expect(readConfig(Schema, { PORT: '1', SECRET_FILE: file }).SECRET).toBe('from a file');
    expect(readConfig(Schema, { PORT: '1', SECRET: 'given', SECRET_FILE: file }).SECRET).toBe('given');
  });

  it('says which file cannot be read', () => {
    const missing = path.join(dir, 'missing');
    expect(() => readConfig(Schema, { PORT: '1', SECRET_FILE: missing })).toThrow(/SECRET_FILE: ENOENT/);
  });

  it('takes an empty value as absent, and hands out nothing that was not asked for', () => {
    const config = readConfig(Schema, { PORT: '1', SECRET: 'long enough', VERBOSE: '', OTHER: 'x' });
    expect(config).toEqual({ PORT: 1, SECRET: 'long enough', VERBOSE: false });
  });
});
