import {
  defineJob,
  jobHandler,
  outsideWorkspaces,
  type JobHandler,
  type Logger,
  type Transactional,
  type Unit,
  type Vault,
} from '@atrium/service-kit';
import { z } from 'zod';
import { writeLetter, type Letter } from '../mail/letter.ts';
import type { MailTransport } from '../mail/mail.transport.ts';
import type { KeyRing } from '../tokens/key.ring.ts';
import { certify, type CertificateBody } from './erasure.certificate.ts';
import { erasureLetters } from './erasure.letters.ts';
import { Contact, erasureMail, placeOfContact } from './erasure.mail.job.ts';
import { createErasureStore, type Erasure } from './erasure.store.ts';

/** Writes the certificate once every service is done. */
export const certifyJob = defineJob('erasure.certify', z.object({ erasureId: z.uuid() }), { maxAttempts: 1_000 });

const summaryOf = (certificate: CertificateBody | null): string => {
  const counts = new Map<string, number>();
  for (const { erased } of certificate?.services ?? [])
    for (const { kind, count } of erased) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ') || '0';
};

const letterOf = (erasure: Erasure, which: 'began' | 'done', contact: Contact): Letter => {
  const { email: to, locale, name, workspace } = contact;
  const values = {
    name,
    workspace: workspace ?? '',
    summary: summaryOf(erasure.certificate),
    hash: erasure.sha256 ?? '',
  };
  return writeLetter(erasureLetters[`${erasure.scope}_${which}`], { to, locale, values });
};

/** What auth does for an erasure beside erasing its own part: the certificate, and the letters. */
export const erasureJobs = (parts: {
  units: Transactional<Unit>;
  ring: KeyRing;
  vault: Vault | undefined;
  mail: MailTransport;
  now: () => Date;
  log: Logger;
}): JobHandler[] => {
  const { units, ring, vault, mail, now, log } = parts;
  const nowhere = outsideWorkspaces();

  const complete = async ({ manager, jobs }: Unit, erasureId: string): Promise<void> => {
    const store = createErasureStore(manager);
    const erasure = await store.find(erasureId, true);
    if (!erasure || erasure.completedAt) return;
    const at = now();
    const reports = await store.reports(erasureId);
    const body: CertificateBody = {
      version: 1,
      erasureId,
      scope: erasure.scope,
      subjectSha256: erasure.subjectHash,
      requestedAt: erasure.requestedAt.toISOString(),
      completedAt: at.toISOString(),
      services: reports.flatMap(({ service, report }) => (report ? [{ service, ...report }] : [])),
    };
    await store.complete(erasureId, at, certify(body, ring));
    if (erasure.sealedContact) await jobs.add(erasureMail, { erasureId, letter: 'done' });
  };

  return [
    jobHandler(certifyJob, {
      work: ({ payload: { erasureId } }) => units.run(nowhere, (unit) => complete(unit, erasureId)),
      givenUp: async (_unit, { erasureId }) => log.error({ erasureId }, 'an erasure is done but has no certificate'),
    }),
    jobHandler(erasureMail, {
      async work({ payload: { erasureId, letter } }) {
        const erasure = await units.read(nowhere, ({ manager }) => createErasureStore(manager).find(erasureId));
        if (!erasure?.sealedContact || !vault) return;
        const contact = Contact.parse(JSON.parse(vault.open(erasure.sealedContact, placeOfContact(erasureId))));
        await mail.send(letterOf(erasure, letter, contact));
        if (letter === 'done')
          await units.run(nowhere, ({ manager }) => createErasureStore(manager).forgetContact(erasureId));
      },
      // The address is not kept for letters that cannot be delivered.
      givenUp: async ({ manager }, { erasureId, letter }) => {
        if (letter === 'done') await createErasureStore(manager).forgetContact(erasureId);
      },
    }),
  ];
};
