import { UserRegistered, WorkspaceCreated } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { LedgerService } from './ledger.service.ts';

/**
 * @param credit what a new workspace starts with, in micro-units
 * @param opened what else a workspace begins with
 */
export const ledgerSubscribers = (
  ledgerOf: (unit: Unit) => LedgerService,
  credit: bigint,
  opened: (unit: Unit) => Promise<void>,
): Subscriber[] => [
  subscriber(UserRegistered, async (unit) => {
    await ledgerOf(unit).welcome(credit);
    await opened(unit);
  }),
  // The credit greets a person, not a workspace: otherwise opening workspaces would make money.
  subscriber(WorkspaceCreated, async (unit) => {
    await ledgerOf(unit).welcome(0n);
    await opened(unit);
  }),
];
