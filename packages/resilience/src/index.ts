export { createAdmission, type Admission, type AdmissionRules, type Priority } from './admission.ts';
export { createBreaker, throughBreaker, type Attempt, type Breaker, type BreakerRules } from './breaker.ts';
export { takePoints, type Rate, type RateState } from './gcra.ts';
export { createRetryBudget, type RetryBudget } from './retry.budget.ts';
