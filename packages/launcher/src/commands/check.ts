import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { checkList } from '../checks/check.list.ts';
import { runChecks } from '../checks/run.checks.ts';
import { listenForStop } from '../terminal/signals.ts';

/** Runs every check, two at a time; shows what the failing ones said. `--write` renews what can be generated. */
export const check: Command = async ({ config, terminal }, args) => {
  const [unknown] = args.filter((arg) => arg !== '--write');
  if (unknown) throw new LauncherError(`check does not know "${unknown}"`, 'It takes --write or nothing.');
  const requests = listenForStop(config);
  const results = await runChecks(checkList(config.root, { write: args.includes('--write') }), {
    root: config.root,
    env: { ...config.env, FORCE_COLOR: '0' },
    atOnce: 2,
    signal: requests.signal,
    ended: ({ name, passed, seconds }) =>
      terminal.print(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(18)} ${seconds.toFixed(1)} s`),
  });
  if (requests.signal.aborted) return 130;
  const failed = results.filter(({ passed }) => !passed);
  for (const { name, output } of failed) terminal.print(`\n── ${name} ──\n${output}`);
  terminal.print(failed.length > 0 ? `\n${failed.length} of ${results.length} checks failed` : '\nall checks passed');
  return failed.length > 0 ? 1 : 0;
};
