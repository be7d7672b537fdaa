import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A generated file as it is committed: two spaces, a final line break. */
const asCommitted = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** How a committed file compares with what the code generates. */
export type Drift = 'same' | 'missing' | 'different';

/** Compares by content, so that the layout of the file does not matter. */
export const driftOf = (file: string, generated: unknown): Drift => {
  if (!existsSync(file)) return 'missing';
  try {
    const committed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return asCommitted(committed) === asCommitted(JSON.parse(JSON.stringify(generated))) ? 'same' : 'different';
  } catch {
    return 'different';
  }
};

/** Writes a generated file, making its folder. */
export const commit = (file: string, generated: unknown): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, asCommitted(generated));
};

/** Compares a generated text, byte for byte. */
export const driftOfText = (file: string, generated: string): Drift => {
  if (!existsSync(file)) return 'missing';
  return readFileSync(file, 'utf8') === generated ? 'same' : 'different';
};

/** Writes a generated text, making its folder. */
export const commitText = (file: string, generated: string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, generated);
};
