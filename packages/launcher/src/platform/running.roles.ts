import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunningService } from '@atrium/service-kit';
import { LauncherError, errorCode, errorText } from '../failure.ts';
import { holderOf } from '../process/ports.ts';
import { portOf } from '../roles.env.ts';
import type { Role, RoleDefinition } from '../roles.ts';
import { portTaken } from './ports.check.ts';

/** Which role's code runs; what fails later inside it can then be named. */
const current = new AsyncLocalStorage<string>();

/** The role in which an error arose, from where the code runs or from the error's stack; `undefined` when unclear. */
export const roleBlamedFor = (error: unknown): string | undefined => {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place = /\/services\/([a-z-]+)\/src\/|\/(gateway)\/src\//.exec(stack);
  return place?.[1] ?? place?.[2] ?? current.getStore();
};

const startFailure = (role: Role, port: number, portBase: number, error: unknown): LauncherError => {
  if (error instanceof LauncherError) return error;
  if (errorCode(error) === 'EADDRINUSE') return portTaken(role.name, port, holderOf(port), portBase);
  return new LauncherError(`The role ${role.name} could not start: ${errorText(error)}`, undefined, { cause: error });
};

export interface StartedRole {
  readonly role: Role;
  readonly running: RunningService;
}

/**
 * Loads a role's code.
 * @throws LauncherError naming the role
 */
export const loadRole = (role: Role): Promise<RoleDefinition> =>
  current.run(role.name, async () => {
    try {
      return await role.load();
    } catch (error) {
      throw new LauncherError(`The role ${role.name} could not be loaded: ${errorText(error)}`, undefined, {
        cause: error,
      });
    }
  });

/**
 * Starts roles at once, each with its own environment.
 * @throws LauncherError naming the role that failed; the others are stopped first
 */
export const startRoles = async (
  roles: readonly { role: Role; definition: RoleDefinition; env: NodeJS.ProcessEnv }[],
  options: { portBase: number; say(line: string): void },
): Promise<StartedRole[]> => {
  const outcomes = await Promise.allSettled(
    roles.map(({ role, definition, env }) =>
      current.run(role.name, async (): Promise<StartedRole> => {
        try {
          const running = await definition.start(env);
          options.say(`${role.name} ready at ${running.url}`);
          return { role, running };
        } catch (error) {
          throw startFailure(role, portOf(role, options.portBase), options.portBase, error);
        }
      }),
    ),
  );
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  for (const outcome of outcomes) {
    if (outcome.status !== 'rejected') continue;
    await stopRoles(started, () => undefined);
    throw outcome.reason;
  }
  return started;
};

/** Drains roles, the last started (the gateway) first, each before the next: those behind it still answer. */
export const stopRoles = async (started: readonly StartedRole[], failed: (role: string, error: unknown) => void) => {
  for (const { role, running } of started.toReversed()) {
    await running.close().catch((error: unknown) => failed(role.name, error));
  }
};
