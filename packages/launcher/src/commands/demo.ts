import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';

/** Walks through the product; the walk is loaded only when asked for. */
export const demo: Command = async (context, args) => {
  const file = path.join(import.meta.dirname, '..', 'demo', 'demo.ts');
  if (!existsSync(file)) throw new LauncherError('This copy of Atrium has no demo', `It would be ${file}.`);
  const walk: { demo: Command } = await import(pathToFileURL(file).href);
  return walk.demo(context, args);
};
