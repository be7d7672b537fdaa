import { holdsNobody, retains, type ErasureStep } from '../erasure/erasure.plan.ts';

/** What an erasure does with the tables that `createAuditLog` makes; part of every service's `erasure.steps`. */
export const auditSteps: readonly ErasureStep[] = [
  retains('audit_log', 'What was done and by whom is kept as evidence; no record of it can be changed.', {
    ofUser: 'user_id = :user',
  }),
  holdsNobody('audit_heads'),
];
