import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { usages, type CommandName } from './usage.ts';

/** Where each command's code is; only the one that is asked for is loaded. */
const loaders: Readonly<Record<CommandName, () => Promise<Command>>> = {
  start: async () => (await import('./start.ts')).start,
  stop: async () => (await import('./stop.ts')).stop,
  demo: async () => (await import('./demo.ts')).demo,
  doctor: async () => (await import('./doctor.ts')).doctor,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./restore.ts')).restore,
  migrate: async () => (await import('./migrate.ts')).migrate,
  test: async () => (await import('./test.ts')).test,
  check: async () => (await import('./check.ts')).check,
  audit: async () => (await import('./audit.ts')).audit,
  ledger: async () => (await import('./ledger.ts')).ledger,
  keys: async () => (await import('./keys.ts')).keys,
  serve: async () => (await import('./serve.ts')).serve,
  secrets: async () => (await import('./secrets.ts')).secrets,
  bench: async () => (await import('./bench.ts')).bench,
  prove: async () => (await import('./prove.ts')).prove,
  help: async () => (await import('./help.ts')).help,
};

const isCommand = (name: string): name is CommandName => Object.hasOwn(loaders, name);

/** @throws LauncherError for a word that is no command */
export const findCommand = (word: string): Promise<Command> => {
  const name = word.replace(/^--?h(elp)?$/, 'help');
  if (isCommand(name)) return loaders[name]();
  throw new LauncherError(`There is no command "${word}"`, `The commands are ${Object.keys(usages).join(', ')}.`);
};
