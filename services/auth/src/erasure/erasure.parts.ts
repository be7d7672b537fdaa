import { newId, transactional, type DataRuntime, type Logger, type Unit, type Vault } from '@atrium/service-kit';
import type { MailTransport } from '../mail/mail.transport.ts';
import type { UserRevocations } from '../members/member.service.ts';
import type { SessionService } from '../sessions/session.service.ts';
import type { KeyRing } from '../tokens/key.ring.ts';
import { erasureJobs } from './erasure.jobs.ts';
import { createErasureRecords } from './erasure.records.ts';
import { createErasureService } from './erasure.service.ts';

/** Erasures, built from the unit of each transaction. */
export const composeErasure = (parts: {
  runtime: DataRuntime;
  sessionsOf: (unit: Unit) => SessionService;
  revocationsOf: (unit: Unit) => UserRevocations;
  vault: Vault | undefined;
  ring: KeyRing;
  mail: MailTransport;
  log: Logger;
  now: () => Date;
}) => {
  const { runtime, sessionsOf, revocationsOf, vault, ring, mail, log, now } = parts;
  const units = transactional(runtime, (unit) => unit);
  return {
    jobs: erasureJobs({ units, ring, vault, mail, now, log }),
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
