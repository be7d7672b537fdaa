import path from 'node:path';
import { readLauncherConfig } from '../config.ts';
import { roles } from '../roles.ts';
import { commit, driftOf } from './committed.ts';

/** Where a role's document is committed, from the root. */
const fileOf = (name: string): string =>
  name === 'gateway' ? path.join('gateway', 'openapi.json') : path.join('services', name, 'openapi.json');

/** Compares every role's committed `openapi.json` with the one its routes describe; `--write` renews them. */
const run = async (write: boolean): Promise<number> => {
  const { root } = readLauncherConfig();
  let wrong = 0;
  for (const role of roles) {
    const definition = await role.load();
    const file = fileOf(role.name);
    const document = definition.openapi();
    const drift = driftOf(path.join(root, file), document);
    if (drift === 'same') continue;
    if (write) {
      commit(path.join(root, file), document);
      process.stdout.write(`${file} written\n`);
    } else {
      wrong += 1;
      process.stdout.write(`${file} is ${drift === 'missing' ? 'missing' : 'not what the routes describe'}\n`);
    }
  }
  if (wrong > 0) process.stdout.write('Run ./atrium check --write and look at the difference before committing it.\n');
  return wrong > 0 ? 1 : 0;
};

process.exit(await run(process.argv.includes('--write')));
