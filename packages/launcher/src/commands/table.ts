import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';

/** A line of `./atrium help`. */
interface Entry {
  readonly usage: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Every command, in the order of the help. */
export const commands: Readonly<Record<string, Entry>> = {
  start: {
    usage: 'start [roles]',
    summary: 'run everything, or only some roles (a comma list)',
    load: async () => (await import('./start.ts')).start,
  },
  stop: { usage: 'stop', summary: 'stop what runs here', load: async () => (await import('./stop.ts')).stop },
  demo: {
    usage: 'demo',
    summary: 'walk through the product as a user would',
    load: async () => (await import('./demo.ts')).demo,
  },
  doctor: {
    usage: 'doctor',
    summary: 'look at this machine and at what runs here; say what is wrong and what to do',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  migrate: {
    usage: 'migrate',
    summary: 'bring the database up to date and end (start does this as well)',
    load: async () => (await import('./migrate.ts')).migrate,
  },
  test: {
    usage: 'test [pattern]',
    summary: 'run the tests on a private Postgres and Redis',
    load: async () => (await import('./test.ts')).test,
  },
  check: {
    usage: 'check [--write]',
    summary: 'types, lint, format, dependency rules, dead code, committed API and event contracts',
    load: async () => (await import('./check.ts')).check,
  },
  bench: { usage: 'bench [name]', summary: 'measure', load: async () => (await import('./bench.ts')).bench },
  help: { usage: 'help', summary: 'this text', load: async () => (await import('./help.ts')).help },
};

/** @throws LauncherError for a word that is no command */
export const findCommand = (name: string): Promise<Command> => {
  const entry = commands[name.replace(/^--?h(elp)?$/, 'help')];
  if (entry) return entry.load();
  throw new LauncherError(`There is no command "${name}"`, `The commands are ${Object.keys(commands).join(', ')}.`);
};
