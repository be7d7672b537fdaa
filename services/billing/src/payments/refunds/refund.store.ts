import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { DisputeEntity, RefundEntity, type Dispute, type Refund } from './refund.entity.ts';

type New<Row> = Omit<Row, 'workspaceId'>;

/** What of payments went back. Rows are written while the workspace's books are locked. */
export const createRefundStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  refunds: (paymentId: string): Promise<Refund[]> =>
    db.find(RefundEntity, { where: { workspaceId, paymentId }, order: { id: 'ASC' } }),
  disputes: (paymentId: string): Promise<Dispute[]> =>
    db.find(DisputeEntity, { where: { workspaceId, paymentId }, order: { id: 'ASC' } }),
  findRefund: (id: string): Promise<Refund | null> => db.findOneBy(RefundEntity, { workspaceId, id }),

  async addRefund(refund: New<Refund>): Promise<Refund> {
    await db.insert(RefundEntity, { ...refund, workspaceId });
    return { ...refund, workspaceId };
  },
  async addDispute(dispute: New<Dispute>): Promise<Dispute> {
    await db.insert(DisputeEntity, { ...dispute, workspaceId });
    return { ...dispute, workspaceId };
  },
  async changeRefund(id: string, change: Partial<Pick<Refund, 'status' | 'providerId' | 'updatedAt'>>): Promise<void> {
    await db.update(RefundEntity, { workspaceId, id }, change);
  },
  async changeDispute(id: string, change: Partial<Pick<Dispute, 'status' | 'updatedAt'>>): Promise<void> {
    await db.update(DisputeEntity, { workspaceId, id }, change);
  },
});
export type RefundStore = ReturnType<typeof createRefundStore>;
