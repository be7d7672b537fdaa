import type { EntitlementsView } from '@atrium/contracts';
import { requireEntitlement, within } from '@atrium/service-kit';
import type { DocumentStore } from './document.store.ts';

/** Makes sure that the plan of a workspace allows one more document. @throws DomainError 403 `entitlement.exceeded` */
export const checkDocuments = async (
  allowed: EntitlementsView | undefined,
  documents: Pick<DocumentStore, 'count'>,
): Promise<void> => {
  const limit = allowed?.entitlements.documents ?? null;
  if (limit === null) return;
  const count = await documents.count();
  requireEntitlement(allowed, (plan) => within(plan.documents, count + 1), {
    entitlement: 'documents',
    detail: `Your plan allows ${limit} documents.`,
  });
};

/** Makes sure that the plan of a workspace allows files of a size. @throws DomainError 403 `entitlement.exceeded` */
export const checkSize = (allowed: EntitlementsView | undefined, bytes: number): void =>
  requireEntitlement(allowed, ({ maxUploadBytes }) => within(maxUploadBytes, bytes), {
    entitlement: 'maxUploadBytes',
    detail: `Your plan allows files of ${Math.floor(((allowed?.entitlements.maxUploadBytes ?? 0) / 2 ** 20) * 10) / 10} MB.`,
  });
