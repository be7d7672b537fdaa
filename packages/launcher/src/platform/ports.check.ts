import type { LauncherConfig } from '../config.ts';
import { LauncherError } from '../failure.ts';
import { holderOf, isFree } from '../process/ports.ts';
import { portOf } from '../roles.env.ts';
import type { Role } from '../roles.ts';

/** Says which port is taken, by whom where that can be seen, and what to do. */
export const portTaken = (role: string, port: number, holder: string | undefined, portBase: number): LauncherError =>
  new LauncherError(
    `Port ${port}, which ${role} needs, is taken${holder ? ` by ${holder}` : ''}`,
    `Stop that program, or start on other ports: ATRIUM_PORT_BASE=${portBase === 8000 ? 8100 : portBase + 100} ./atrium start`,
  );

/** @throws LauncherError naming the first port that is taken */
export const requireFreePorts = async (roles: readonly Role[], config: LauncherConfig): Promise<void> => {
  for (const role of roles) {
    const port = portOf(role, config.portBase);
    const host = role.name === 'gateway' ? config.host : '127.0.0.1';
    if (!(await isFree(port, host))) throw portTaken(role.name, port, holderOf(port), config.portBase);
  }
};
