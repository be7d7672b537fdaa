import { reconcile, type Reconciliation } from './reconcile.ts';
import type { ReconcileStore } from './reconcile.store.ts';
import type { Comparison } from './reconcile.ts';

/** Proves the books of a workspace against everything else that counted the same money. */
export const createReconcileService = ({
  store,
  further,
}: {
  store: ReconcileStore;
  /** Comparisons of other features. */
  further: () => Promise<readonly Comparison[]>;
}) => ({
  reconcile: async (): Promise<Reconciliation> =>
    reconcile([...(await store.comparisons()), ...(await further())], await store.chain()),
});
export type ReconcileService = ReturnType<typeof createReconcileService>;
