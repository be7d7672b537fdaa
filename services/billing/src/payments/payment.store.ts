import type { Tenant } from '@atrium/service-kit';
import type { EntityManager } from 'typeorm';
import { PaymentEntity, type Payment } from './payment.entity.ts';

export const createPaymentStore = (db: EntityManager, { workspaceId }: Tenant) => ({
  async add(payment: Omit<Payment, 'workspaceId'>): Promise<Payment> {
    await db.insert(PaymentEntity, { ...payment, workspaceId });
    return { ...payment, workspaceId };
  },
  find: (id: string): Promise<Payment | null> => db.findOneBy(PaymentEntity, { workspaceId, id }),
  /** Locks the row until the transaction ends. */
  lock: (id: string): Promise<Payment | null> =>
    db.findOne(PaymentEntity, { where: { workspaceId, id }, lock: { mode: 'pessimistic_write' } }),
  findByReference: (provider: Payment['provider'], reference: string): Promise<Payment | null> =>
    db.findOneBy(PaymentEntity, { workspaceId, provider, reference }),
  findByStripeInvoice: (stripeInvoiceId: string): Promise<Payment | null> =>
    db.findOneBy(PaymentEntity, { workspaceId, stripeInvoiceId }),
  async change(id: string, change: Partial<Omit<Payment, 'id' | 'workspaceId' | 'taxes'>>): Promise<void> {
    await db.update(PaymentEntity, { workspaceId, id }, change);
  },
  /** Whether any payment was made or begun; from then on the currency stays. */
  any: (): Promise<boolean> => db.existsBy(PaymentEntity, { workspaceId }),
  /** Newest first. @param before only payments that were made before this one */
  list: (limit: number, before: { at: string; id: string } | undefined): Promise<Payment[]> =>
    db
      .createQueryBuilder(PaymentEntity, 'p')
      .where('p.workspaceId = :workspaceId', { workspaceId })
      .andWhere(before ? '(p.createdAt, p.id) < (:at::timestamptz, :id::uuid)' : 'true', before ?? {})
      .orderBy('p.createdAt', 'DESC')
      .addOrderBy('p.id', 'DESC')
      .take(limit)
      .getMany(),
});
export type PaymentStore = ReturnType<typeof createPaymentStore>;
