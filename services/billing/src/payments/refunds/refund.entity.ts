import { EntitySchema } from 'typeorm';
import { amountColumn } from '../../ledger/money.column.ts';
import type { DisputeStatus, RefundStatus } from '../payment.ts';

interface Back<Status> {
  id: string;
  workspaceId: string;
  paymentId: string;
  /** Its id at Stripe; null until Stripe has it, and for manual payments. */
  providerId: string | null;
  /** What was asked for, in cents. */
  amount: bigint;
  /** What was taken from the books, which is never more than was left of the payment. */
  taken: bigint;
  /** The part of it that is tax. */
  tax: bigint;
  status: Status;
  reason: string | null;
  createdBy: string | null;
  createdAt: Date;
  updatedAt: Date;
}
export type Refund = Back<RefundStatus>;
export type Dispute = Back<DisputeStatus>;

const columns = {
  id: { type: 'uuid', primary: true },
  workspaceId: { type: 'uuid' },
  paymentId: { type: 'uuid' },
  providerId: { type: 'text', nullable: true },
  amount: amountColumn,
  taken: amountColumn,
  tax: amountColumn,
  status: { type: 'text' },
  reason: { type: 'text', nullable: true },
  createdBy: { type: 'uuid', nullable: true },
  createdAt: { type: 'timestamptz' },
  updatedAt: { type: 'timestamptz' },
} as const;

export const RefundEntity = new EntitySchema<Refund>({ name: 'Refund', tableName: 'refunds', columns });
export const DisputeEntity = new EntitySchema<Dispute>({ name: 'Dispute', tableName: 'disputes', columns });
