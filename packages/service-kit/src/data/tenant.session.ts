import type { EntityManager } from 'typeorm';
import type { Tenant } from './tenant.ts';

/** Sets whose rows the rest of the transaction sees; forgotten at its end, so a pooled connection carries nothing over. */
export const enterTenant = async (
  manager: EntityManager,
  tenant: Tenant,
  mode: 'read only' | 'read write' = 'read write',
): Promise<void> => {
  await manager.query(
    `select set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true),
       set_config('transaction_read_only', $3, true)`,
    [tenant.workspaceId, tenant.userId ?? '', mode === 'read only' ? 'on' : 'off'],
  );
};
