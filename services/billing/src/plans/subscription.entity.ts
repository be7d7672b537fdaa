import { EntitySchema } from 'typeorm';
import type { LocalDate } from '../settings/zone.ts';
import type { PlanTerms } from './plan.ts';

/** The plan of a workspace and the period that it is in. */
export interface Subscription {
  workspaceId: string;
  plan: string;
  /** What was agreed instead of the plan's own terms. */
  terms: PlanTerms | null;
  /** `default`, `hand`, or whatever paid for it. */
  source: string;
  /** The day that its periods begin on. */
  anchor: LocalDate;
  periodStart: Date;
  periodEnd: Date;
  /** What it becomes when the period ends; null: stays. */
  nextPlan: string | null;
  nextTerms: PlanTerms | null;
  /** Counts the changes, so that each is granted once. */
  changes: number;
  updatedAt: Date;
}
export const SubscriptionEntity = new EntitySchema<Subscription>({
  name: 'Subscription',
  tableName: 'subscriptions',
  columns: {
    workspaceId: { type: 'uuid', primary: true },
    plan: { type: 'text' },
    terms: { type: 'jsonb', nullable: true },
    source: { type: 'text' },
    anchor: { type: 'date' },
    periodStart: { type: 'timestamptz' },
    periodEnd: { type: 'timestamptz' },
    nextPlan: { type: 'text', nullable: true },
    nextTerms: { type: 'jsonb', nullable: true },
    changes: { type: 'integer' },
    updatedAt: { type: 'timestamptz' },
  },
});
