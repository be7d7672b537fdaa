import { runAlone } from '@atrium/service-kit';
import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { chooseRoles } from '../roles.ts';

/** Runs one role with the settings of the environment and nothing beside it, as a container does, until a signal. */
export const serve: Command = async ({ config, table }, args) => {
  const [role, ...others] = args.length > 0 ? chooseRoles(args, table) : [];
  if (!role || others.length > 0) {
    throw new LauncherError('Name one role', `The roles are ${table.map(({ name }) => name).join(', ')}.`);
  }
  await runAlone(await role.load(), config.env);
  // The process ends by the signal, after the role has drained.
  return new Promise<never>(() => undefined);
};
