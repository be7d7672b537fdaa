import { findCommand } from './commands/table.ts';
import { readLauncherConfig } from './config.ts';
import { LauncherError, errorText, explain } from './failure.ts';
import { homeAt } from './home/home.ts';
import { migrateSchemas } from './platform/migrate.ts';
import { roles } from './roles.ts';
import { createTerminal } from './terminal/terminal.ts';

/** Runs one command line and ends the process with its exit code. */
const main = async (words: readonly string[]): Promise<number> => {
  const streams = { out: process.stdout, err: process.stderr };
  let terminal = createTerminal(Date.now(), Date.now, streams);
  try {
    const config = readLauncherConfig();
    terminal = createTerminal(config.startedAt, Date.now, streams);
    const [name = 'help', ...args] = words;
    const run = await findCommand(name);
    return await run({ config, home: homeAt(config.home), terminal, table: roles, migrate: migrateSchemas }, args);
  } catch (thrown) {
    const error = explain(thrown);
    if (error instanceof LauncherError) terminal.complain(error.message, error.advice);
    else terminal.complain(error instanceof Error ? (error.stack ?? error.message) : errorText(error));
    return 1;
  }
};

process.exit(await main(process.argv.slice(2)));
