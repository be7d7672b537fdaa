import { Entitlements } from '@atrium/contracts';
import { z } from 'zod';

/** What a plan gives; amounts in micro-units for a month. */
export const PlanTerms = z.strictObject({
  /** Whole cents, since people pay it. */
  price: z.int().nonnegative().multipleOf(10_000),
  /** Credit that is granted each period and expires at its end. */
  allowance: z.int().nonnegative(),
  entitlements: z.strictObject(Entitlements.shape),
});
export type PlanTerms = z.output<typeof PlanTerms>;

export const Plan = PlanTerms.extend({
  id: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'Use lower-case letters, digits, _ and -.'),
  name: z.string().min(1).max(80),
  description: z.string().max(500).default(''),
});
export type Plan = z.output<typeof Plan>;

/** The plan that every workspace has until it chooses another. */
export const DEFAULT_PLAN = 'free';
/** The plan whose terms are agreed with each workspace. */
export const CUSTOM_PLAN = 'custom';

/** Nothing that runs on one's own machine is kept back; who sells it writes limits into plans of their own. */
const unlimited: Entitlements = {
  models: ['*'],
  concurrentRuns: null,
  maxUploadBytes: null,
  members: null,
  documents: null,
};

/** The plans of a house that set none of its own. */
export const usualPlans: readonly Plan[] = [
  {
    id: DEFAULT_PLAN,
    name: 'Free',
    description: 'Everything, paid from the balance.',
    price: 0,
    allowance: 0,
    entitlements: unlimited,
  },
  {
    id: 'pro',
    name: 'Pro',
    description: 'Credit for each month in advance.',
    price: 20_000_000,
    allowance: 20_000_000,
    entitlements: unlimited,
  },
  {
    id: CUSTOM_PLAN,
    name: 'Custom',
    description: 'What was agreed.',
    price: 0,
    allowance: 0,
    entitlements: unlimited,
  },
];

/** Reads the plans of a file, and completes them with those that must be there. */
export const readPlans = (written: unknown): readonly Plan[] => {
  const plans = z.array(Plan).min(1).max(50).parse(written);
  const missing = usualPlans.filter(({ id }) => id !== 'pro' && !plans.some((plan) => plan.id === id));
  const all = [...plans, ...missing];
  const doubled = all.find(({ id }, at) => all.findIndex((other) => other.id === id) !== at);
  if (doubled) throw new Error(`the plan ${doubled.id} is written twice`);
  return all;
};

/** What applies to a workspace: what was agreed with it, or what its plan says. */
export const termsOf = (plans: readonly Plan[], id: string, agreed: PlanTerms | null): PlanTerms => {
  if (agreed) return agreed;
  // A plan that was taken out of the file leaves its workspaces with the default one.
  const plan = plans.find((one) => one.id === id) ?? plans.find((one) => one.id === DEFAULT_PLAN);
  if (!plan) throw new Error(`there is no plan ${DEFAULT_PLAN}`);
  const { price, allowance, entitlements } = plan;
  return { price, allowance, entitlements };
};
