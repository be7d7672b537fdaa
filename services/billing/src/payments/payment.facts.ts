import type { TopUpProblem } from '../budgets/top-up.problem.ts';
import type { DisputeStatus, PaymentStatus, RefundStatus } from './payment.ts';

/** What the provider says of a payment at one moment; amounts in cents. All of it is asked for again each time. */
export interface PaymentFacts {
  readonly status: PaymentStatus;
  /** What was or is to be paid. */
  readonly total: bigint;
  readonly currency: string;
  readonly intentId: string | null;
  readonly failure: string | null;
  /** Of an automatic top-up that came to nothing. */
  readonly problem?: TopUpProblem;
  readonly refunds: readonly {
    readonly providerId: string;
    /** The refund here that it was made for; absent when it was made at the provider. */
    readonly refundId: string | undefined;
    readonly amount: bigint;
    readonly status: RefundStatus;
  }[];
  readonly disputes: readonly {
    readonly providerId: string;
    readonly amount: bigint;
    readonly status: DisputeStatus;
  }[];
}
