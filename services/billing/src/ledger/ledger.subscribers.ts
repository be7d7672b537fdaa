import { UserRegistered, WorkspaceCreated } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { LedgerService } from './ledger.service.ts';

/**
 * @param credit what a new workspace starts with, in micro-units
 * @param opened what else begins with a workspace
 */
export const ledgerSubscribers = (
  ledgerOf: (unit: Unit) => LedgerService,
  credit: bigint,
  opened: (unit: Unit, timeZone: string) => Promise<void>,
): Subscriber[] => [
  subscriber(UserRegistered, async (unit, { data }) => {
    await ledgerOf(unit).welcome(credit);
    await opened(unit, data.timeZone);
  }),
  // The credit greets a person, not a workspace: otherwise opening workspaces would make money.
  subscriber(WorkspaceCreated, async (unit, { data }) => {
    await ledgerOf(unit).welcome(0n);
    await opened(unit, data.timeZone);
  }),
];
