import { runAlone } from '@atrium/service-kit';
import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { holdRole } from '../rolling/held.role.ts';
import { chooseRoles } from '../roles.ts';

/** Runs one role with the settings of the environment and nothing beside it, as a container does, until a signal. */
export const serve: Command = async ({ config, table, terminal }, args) => {
  const names = args.filter((arg) => arg !== '--hold');
  const [role, ...others] = names.length > 0 ? chooseRoles(names, table) : [];
  if (!role || others.length > 0) {
    throw new LauncherError('Name one role', `The roles are ${table.map(({ name }) => name).join(', ')}.`);
  }
  if (args.includes('--hold')) return holdRole(role.name, { program: config.program, say: terminal.say });
  await runAlone(await role.load(), config.env);
  // The process ends by the signal, after the role has drained.
  return new Promise<never>(() => undefined);
};
