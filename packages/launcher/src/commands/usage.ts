/** How a command is written and what it does, as `./atrium help` shows it. */
export interface Usage {
  readonly usage: string;
  readonly summary: string;
}

/** Every command, in the order of the help. */
export const usages = {
  start: { usage: 'start [roles]', summary: 'run everything, or only some roles (a comma list)' },
  stop: { usage: 'stop', summary: 'stop what runs here' },
  demo: { usage: 'demo [URL]', summary: 'walk through the product as a user would, here or at that address' },
  doctor: { usage: 'doctor', summary: 'look at this machine and at what runs here; say what is wrong and what to do' },
  backup: { usage: 'backup DIR|FILE.tar', summary: 'copy database and files as of one moment, while everything runs' },
  restore: {
    usage: 'restore DIR|FILE.tar',
    summary:
      'put a backup back, checked before it counts; --verify only checks, --replace over what is there, --secrets-only',
  },
  migrate: { usage: 'migrate', summary: 'bring the database up to date and end (start does this as well)' },
  test: { usage: 'test [pattern]', summary: 'run the tests on a private Postgres and Redis' },
  check: {
    usage: 'check [--write]',
    summary: 'types, lint, format, dependency rules, dead code, committed API and event contracts',
  },
  audit: { usage: 'audit verify', summary: 'check that no record of the audit log was changed, moved or taken away' },
  ledger: {
    usage: 'ledger verify',
    summary: 'check that every journal sums to zero and no entry was changed or taken away',
  },
  keys: { usage: 'keys rotate', summary: 'sign access tokens with a new key from now on; nobody is signed out' },
  serve: {
    usage: 'serve role [--hold]',
    summary: 'run one role with the settings of the environment, as a container does; --hold: SIGHUP replaces it',
  },
  secrets: { usage: 'secrets DIR', summary: 'write the passwords and keys of a composed installation, made once' },
  bench: { usage: 'bench [name]', summary: 'measure' },
  prove: {
    usage: 'prove <suite>',
    summary: 'attack a platform of its own, and say what held; --json, --only ID, --seed N, --short',
  },
  help: { usage: 'help', summary: 'this text' },
} satisfies Record<string, Usage>;

export type CommandName = keyof typeof usages;
