import path from 'node:path';
import { describeWhole } from '@atrium/gateway/openapi';
import type { OpenApiDocument } from '@atrium/service-kit';
import { readLauncherConfig } from '../config.ts';
import { roles } from '../roles.ts';
import { commit, commitText, driftOf, driftOfText, type Drift } from './committed.ts';
import { sdkSources } from './sdk.source.ts';

/** Where a role's document is committed, from the root. */
const fileOf = (name: string): string =>
  name === 'gateway' ? path.join('gateway', 'openapi.json') : path.join('services', name, 'openapi.json');
const GENERATED = path.join('packages', 'sdk', 'src', 'generated');

/**
 * Compares every role's committed `openapi.json`, and the client's types made of them all, with what the routes
 * describe; `--write` renews them.
 */
const run = async (write: boolean): Promise<number> => {
  const { root } = readLauncherConfig();
  let wrong = 0;
  const compare = (file: string, drift: Drift, renew: () => void): void => {
    if (drift === 'same') return;
    if (write) {
      renew();
      process.stdout.write(`${file} written\n`);
    } else {
      wrong += 1;
      process.stdout.write(`${file} is ${drift === 'missing' ? 'missing' : 'not what the routes describe'}\n`);
    }
  };
  const documents: Record<string, OpenApiDocument> = {};
  for (const role of roles) {
    const file = fileOf(role.name);
    const document = (await role.load()).openapi();
    documents[role.name] = document;
    const whole = path.join(root, file);
    compare(file, driftOf(whole, document), () => commit(whole, document));
  }
  for (const [name, source] of Object.entries(await sdkSources(describeWhole(documents)))) {
    const file = path.join(GENERATED, name);
    const whole = path.join(root, file);
    compare(file, driftOfText(whole, source), () => commitText(whole, source));
  }
  if (wrong > 0) process.stdout.write('Run ./atrium check --write and look at the difference before committing it.\n');
  return wrong > 0 ? 1 : 0;
};

process.exit(await run(process.argv.includes('--write')));
