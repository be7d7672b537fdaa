import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { LauncherError, errorCode } from '../failure.ts';

/** Reads a JSON file of ours; `undefined` when it does not exist. */
export const readJson = <Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> | undefined => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new LauncherError(`${file} is damaged`, 'Put back a copy of it, or delete it to have it made anew.', {
      cause: error,
    });
  }
};

/** Writes a JSON file so that a reader, or a crash, never meets half of it. Mode 0600. */
export const writeJson = (file: string, value: unknown): void => {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};
