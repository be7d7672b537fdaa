import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { AnyProof, Suite } from './proof.ts';

export interface ProveArguments {
  readonly suite: Suite;
  readonly chosen: readonly AnyProof[];
  readonly json: boolean;
  readonly short: boolean;
  readonly seed: number;
}

/** @throws Error telling how the command is used */
export const readArguments = (words: readonly string[], suites: readonly Suite[]): ProveArguments => {
  const names = suites.map(({ name }) => name).join(', ');
  const usage = `Usage: ./atrium prove <suite> [--json] [--only ID]... [--seed N] [--short]  (suites: ${names})`;
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        short: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
      },
    });
    const [name = suites[0]?.name, ...rest] = positionals;
    const suite = suites.find((one) => one.name === name);
    if (!suite || rest.length > 0) throw new Error(`There is no suite "${positionals.join(' ')}".`);
    const wanted = values.only.flatMap((list) => list.toUpperCase().split(','));
    const unknown = wanted.filter((id) => !suite.proofs.some((proof) => proof.id === id));
    if (unknown.length > 0)
      throw new Error(
        `There is no ${unknown.join(', ')} in ${suite.name}: ${suite.proofs.map(({ id }) => id).join(', ')}.`,
      );
    const seed = values.seed === undefined ? randomInt(1, 2 ** 31) : Number(values.seed);
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed takes a whole number.');
    const chosen = wanted.length === 0 ? suite.proofs : suite.proofs.filter(({ id }) => wanted.includes(id));
    return { suite, chosen, json: values.json, short: values.short, seed };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
};
