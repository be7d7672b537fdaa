import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.ts';

export interface BenchArguments {
  readonly quick: boolean;
  readonly json: boolean;
  readonly chosen: readonly Scenario[];
}

const isCalled =
  (wanted: string) =>
  ({ name }: Pick<Scenario, 'name'>): boolean =>
    name === wanted || name.startsWith(`${wanted}-`);

/** @throws Error telling how the command is used */
export const readArguments = (words: readonly string[], scenarios: readonly Scenario[]): BenchArguments => {
  const names = scenarios.map(({ name }) => name).join(', ');
  const usage = `Usage: ./atrium bench [--quick] [--json] [--only NAME]...  (scenarios: ${names})`;
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
    const wanted = values.only.flatMap((list) => list.split(','));
    const unknown = wanted.filter((name) => !scenarios.some(isCalled(name)));
    if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}.`);
    const chosen =
      wanted.length === 0 ? scenarios : scenarios.filter((scenario) => wanted.some((name) => isCalled(name)(scenario)));
    return { quick: values.quick, json: values.json, chosen };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
};
