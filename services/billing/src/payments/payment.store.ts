import type { Tenant } from '@atrium/service-kit';
import { LessThan, type EntityManager } from 'typeorm';
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
  /** Newest first. @param before only payments that were made before this id */
  list: (limit: number, before: string | undefined): Promise<Payment[]> =>
    db.find(PaymentEntity, {
      where: { workspaceId, ...(before === undefined ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: limit,
    }),
});
export type PaymentStore = ReturnType<typeof createPaymentStore>;
