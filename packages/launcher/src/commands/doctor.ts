import type { Command } from '../command.ts';
import type { Finding } from '../doctor/finding.ts';
import { lookAtData } from '../doctor/data.ts';
import { lookAtMachine } from '../doctor/machine.ts';
import { lookAtParts } from '../doctor/parts.ts';
import { lookAtPlatform } from '../doctor/platform.ts';
import { readRun } from '../home/run.file.ts';

const marks: Record<Finding['state'], string> = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' };

/** Looks at everything a start needs and at what runs; ends with 1 when something is wrong. */
export const doctor: Command = async (context) => {
  const { config, home, terminal, table } = context;
  const run = readRun(home.runFile);
  const findings = [
    ...lookAtMachine(config, home),
    ...(await lookAtParts(config, home, run)),
    ...(await lookAtPlatform(config, home, table, run)),
    ...(await lookAtData(context, run)),
  ];
  for (const { state, topic, text, advice } of findings) {
    terminal.print(`${marks[state]}  ${topic.padEnd(18)} ${text}${advice ? `\n${' '.repeat(29)}→ ${advice}` : ''}`);
  }
  const wrong = findings.filter(({ state }) => state === 'problem').length;
  terminal.print(wrong > 0 ? `\n${wrong} problem(s)` : '\nnothing is wrong');
  return wrong > 0 ? 1 : 0;
};
