import type { EntitlementsView } from '@atrium/contracts';
import { allowsModel, requireEntitlement, within } from '@atrium/service-kit';
import type { RunStore } from './run.store.ts';

/**
 * Makes sure that the plan of a workspace allows one more run of a model.
 * @throws DomainError 403 `entitlement.exceeded`
 */
export const checkEntitlements = async (
  allowed: EntitlementsView | undefined,
  model: string,
  runs: Pick<RunStore, 'countActive'>,
): Promise<void> => {
  requireEntitlement(allowed, (plan) => allowsModel(plan, model), {
    entitlement: 'models',
    detail: `Your plan does not include the model ${model}.`,
  });
  const limit = allowed?.entitlements.concurrentRuns ?? null;
  if (limit === null) return;
  const active = await runs.countActive();
  requireEntitlement(allowed, ({ concurrentRuns }) => within(concurrentRuns, active + 1), {
    entitlement: 'concurrentRuns',
    detail: `Your plan allows ${limit} answers at the same time. Wait until one is there.`,
  });
};
