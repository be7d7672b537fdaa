import { route, type Route, type Transactional } from '@atrium/service-kit';
import type { SettingsStore } from '../settings/settings.store.ts';
import { BudgetsView, presentBudget, PutBudgets } from './budget.schema.ts';
import type { BudgetNow, BudgetService } from './budget.service.ts';

/** Budgets with the zone that they follow. */
export interface BudgetsOf {
  readonly budgets: BudgetService;
  readonly settings: SettingsStore;
  /** Locks the books, so that no hold is placed while budgets change. */
  readonly lock: () => Promise<unknown>;
}

const present = async ({ settings }: BudgetsOf, all: readonly BudgetNow[]) => ({
  timeZone: (await settings.read()).timeZone,
  budgets: all.map(presentBudget),
});

export const budgetRoutes = (budgets: Transactional<BudgetsOf>): Route[] => [
  route({
    method: 'get',
    path: '/billing/budgets',
    id: 'readBudgets',
    summary: 'Read the budgets, with what of them is spent and set aside in the period that runs',
    permission: 'billing:read',
    response: BudgetsView,
    handler: ({ tenant }) => budgets.read(tenant, async (unit) => present(unit, await unit.budgets.list())),
  }),
  route({
    method: 'put',
    path: '/billing/budgets',
    id: 'replaceBudgets',
    summary: 'Set all budgets: of the workspace, an agent, a user or an API key, for a day or a month',
    permission: 'billing:write',
    body: PutBudgets,
    response: BudgetsView,
    handler: ({ tenant, body }) =>
      budgets.run(tenant, async (unit) => {
        await unit.lock();
        const rules = body.budgets.map((rule) => ({ ...rule, amount: BigInt(rule.amount) }));
        return present(unit, await unit.budgets.replace(rules, body.timeZone));
      }),
  }),
];
