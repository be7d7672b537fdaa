import { newId, transactional, type DataRuntime, type Unit, type Vault } from '@atrium/service-kit';
import type { UserRevocations } from '../members/member.service.ts';
import type { SessionService } from '../sessions/session.service.ts';
import { createErasureRecords } from './erasure.records.ts';
import { createErasureService } from './erasure.service.ts';

/** Erasures, built from the unit of each transaction. */
export const composeErasure = (parts: {
  runtime: DataRuntime;
  sessionsOf: (unit: Unit) => SessionService;
  revocationsOf: (unit: Unit) => UserRevocations;
  vault: Vault | undefined;
  now: () => Date;
}) => {
  const { runtime, sessionsOf, revocationsOf, vault, now } = parts;
  return {
    units: transactional(runtime, (unit) => unit),
    records: transactional(runtime, createErasureRecords),
    erasing: transactional(runtime, (unit) =>
      createErasureService({
        unit,
        sessions: sessionsOf(unit),
        revocations: revocationsOf(unit),
        vault,
        now,
        newId,
      }),
    ),
  };
};
