import type { CalendarGrant } from '@atrium/contracts';
import type { Tenant, Vault } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { Integration } from './integration.entity.ts';
import { createIntegrationStore } from './integration.store.ts';

/** Where a grant's token is sealed for: it opens for no other person, workspace or account. */
export const placeOf = (row: Pick<Integration, 'workspaceId' | 'userId' | 'provider' | 'subject'>): string =>
  `integrations:${row.workspaceId}:${row.userId}:${row.provider}:${row.subject}`;

/** Calendars elsewhere that people connected. */
export const createIntegrationService = (parts: {
  manager: EntityManager;
  tenant: Tenant;
  vault: Vault;
  now: () => Date;
  newId: () => string;
}) => {
  const store = createIntegrationStore(parts.manager, parts.tenant);
  const { workspaceId } = parts.tenant;
  return {
    list: store.ownedBy,
    /** Keeps a grant; a newer one of the same account replaces it. @returns the id of the integration */
    keep(userId: string, { refreshToken, ...grant }: z.infer<typeof CalendarGrant>): Promise<string> {
      const sealedToken = parts.vault.seal(refreshToken, placeOf({ workspaceId, userId, ...grant }));
      return store.save({ id: parts.newId(), userId, ...grant, sealedToken, connectedAt: parts.now() });
    },
  };
};
export type IntegrationService = ReturnType<typeof createIntegrationService>;
