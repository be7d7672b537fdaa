import { RunCompleted, RunFailed } from '@atrium/contracts';
import { subscriber, type Subscriber, type Unit } from '@atrium/service-kit';
import type { SettlementService } from './settlement.service.ts';

export const holdSubscribers = (settlementOf: (unit: Unit) => SettlementService): Subscriber[] => [
  subscriber(RunCompleted, (unit, { data }) => settlementOf(unit).settle(data)),
  subscriber(RunFailed, (unit, { data }) => settlementOf(unit).settle(data)),
];
