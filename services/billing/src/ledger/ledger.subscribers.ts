import { UserRegistered, WorkspaceCreated } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { LedgerService } from './ledger.service.ts';

/** @param credit what a new workspace starts with, in micro-units */
export const ledgerSubscribers = (ledgerOf: (unit: Unit) => LedgerService, credit: bigint): Subscriber[] => [
  subscriber(UserRegistered, (unit) => ledgerOf(unit).welcome(credit)),
  // The credit greets a person, not a workspace: otherwise opening workspaces would make money.
  subscriber(WorkspaceCreated, (unit) => ledgerOf(unit).welcome(0n)),
];
