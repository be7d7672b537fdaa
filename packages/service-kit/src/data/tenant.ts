import type { Role } from '@atrium/contracts';
import { NO_WORKSPACE } from '../runtime/ids.ts';

/** Whose rows a transaction may touch, and who asks. Stores cannot be built without one. */
export interface Tenant {
  readonly workspaceId: string;
  /** Absent for work that no person started, such as a scheduled job. */
  readonly userId?: string | undefined;
  readonly role?: Role | undefined;
  /** The service acting for the user, from the token's `act` claim. */
  readonly actor?: string | undefined;
  /** Permissions the token is limited to; absent: all of the role's. */
  readonly scopes?: readonly string[] | undefined;
}

/** The tenant of transactions that touch users and sessions only, before a workspace is known. */
export const outsideWorkspaces = (userId?: string): Tenant => ({ workspaceId: NO_WORKSPACE, userId });
