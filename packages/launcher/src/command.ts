import type { LauncherConfig } from './config.ts';
import type { Home } from './home/home.ts';
import type { Role } from './roles.ts';
import type { Migrate } from './platform/migrate.ts';
import type { Terminal } from './terminal/terminal.ts';

/** What every command is given. */
export interface CommandContext {
  readonly config: LauncherConfig;
  readonly home: Home;
  readonly terminal: Terminal;
  readonly table: readonly Role[];
  readonly migrate: Migrate;
}

/** A command of `./atrium`; resolves with the exit code. */
export type Command = (context: CommandContext, args: readonly string[]) => Promise<number>;
