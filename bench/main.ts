import path from 'node:path';
import { readArguments } from './harness/arguments.ts';
import { describeMachine, pin } from './harness/machine.ts';
import { writeResults } from './harness/results.ts';
import { passes, summaryLine } from './harness/verdict.ts';
import { scenarios } from './scenarios/scenarios.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const main = async (words: readonly string[]): Promise<number> => {
  const { quick, json, chosen } = readArguments(words, scenarios);
  const root = path.resolve(import.meta.dirname, '..');
  const pinning = pin();
  say(`${describeMachine()}; ${pinning.note}`);
  let unmeasured = 0;
  for (const scenario of chosen) {
    say(`\n${scenario.name}: ${scenario.summary}`);
    try {
      const report = await scenario.run({ quick, pinning, env: process.env, root, say: (line) => say(`  ${line}`) });
      const files = writeResults(path.join(root, 'bench', 'results'), report, { quick, pinning });
      if (json) process.stdout.write(`${summaryLine(report)}\n`);
      else process.stdout.write(`${files.text}\n`);
      say(`  ${passes(report) ? 'every goal reached' : 'a goal was missed'}; written to ${files.markdown}`);
    } catch (error) {
      unmeasured += 1;
      say(
        `  ${scenario.name} could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
  return unmeasured > 0 ? 1 : 0;
};

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  }),
);
