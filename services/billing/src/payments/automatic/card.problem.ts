import type { TopUpProblem } from '../../budgets/top-up.problem.ts';

const byCode: Readonly<Record<string, TopUpProblem>> = {
  authentication_required: 'authentication_required',
  expired_card: 'card_expired',
  insufficient_funds: 'insufficient_funds',
  resource_missing: 'no_card',
  amount_too_small: 'not_possible',
  amount_too_large: 'not_possible',
};

/** What Stripe's words for a charge that failed mean here; a decline code says more than the code. */
export const problemOf = (
  error: { code?: string | null | undefined; decline_code?: string | null | undefined } | null,
): TopUpProblem => byCode[error?.decline_code ?? ''] ?? byCode[error?.code ?? ''] ?? 'card_declined';
