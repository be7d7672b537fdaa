import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { eventSchemas } from '@atrium/contracts';
import { readLauncherConfig } from '../config.ts';
import { commit, driftOf } from './committed.ts';

/**
 * Compares every event's committed JSON Schema with the one its contract describes. A committed version never changes,
 * so `--write` adds new ones and leaves the others alone.
 */
const run = (write: boolean): number => {
  const dir = path.join(readLauncherConfig().root, 'packages', 'contracts', 'schemas');
  const schemas = eventSchemas();
  const problems: string[] = [];
  for (const [type, schema] of Object.entries(schemas)) {
    const file = path.join(dir, `${type}.json`);
    const drift = driftOf(file, schema);
    if (drift === 'missing' && write) {
      commit(file, schema);
      process.stdout.write(`${type} written\n`);
    } else if (drift === 'missing') {
      problems.push(`${type} has no committed schema. Run ./atrium check --write.`);
    } else if (drift === 'different') {
      problems.push(
        `${type} differs from its committed schema. Consumers rely on it: declare the next version of the event, or, if this one was never released, delete ${path.relative(process.cwd(), file)} and run ./atrium check --write.`,
      );
    }
  }
  const committed = existsSync(dir) ? readdirSync(dir) : [];
  for (const name of committed.filter((entry) => entry.endsWith('.json'))) {
    if (!(name.slice(0, -'.json'.length) in schemas))
      problems.push(`${name} is committed, but no such event is declared.`);
  }
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  return problems.length > 0 ? 1 : 0;
};

process.exit(run(process.argv.includes('--write')));
